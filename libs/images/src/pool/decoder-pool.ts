import { availableParallelism } from 'node:os';

import type { DecodedImage, DecoderRequest, DecoderTask, DecodingBudget } from '../decoder/messages.js';
import { UnreadableImageError } from '../image-fault.js';
import type { ReadableFormat } from '../image-format.js';
import { DecoderChild } from './decoder-child.js';

/** Two, so that an image that takes long does not hold up all others; more where there are many processors. */
const AT_ONCE = Math.max(2, Math.min(4, Math.floor(availableParallelism() / 4)));

/** Of processor time. A photograph of 50 megapixels takes 1 to 4. */
const SECONDS = 12;

/** A decoder that hangs without using the processor is ended after so long; on a busy machine it may just wait for it. */
const PATIENCE_SECONDS = 300;

/** For what does not depend on the size, and for each pixel as its format and libvips may hold it at once. */
const BASE_BYTES = 256 * 2 ** 20;
const BYTES_PER_PIXEL = 16;

/** What a file may cost, where its image may have so many pixels. */
export function decodingBudget(maxPixels: number): DecodingBudget {
  return { seconds: SECONDS, bytes: BASE_BYTES + maxPixels * BYTES_PER_PIXEL };
}

type Decoder = Pick<DecoderChild, 'isAlive' | 'ask' | 'end'>;

/** Decodes image files in processes of their own, only so many at once, the others in turn. */
export class DecoderPool {
  private readonly idle: Decoder[] = [];
  private readonly waiting: (() => void)[] = [];
  private running = 0;

  constructor(
    private readonly atOnce = AT_ONCE,
    private readonly budgetFor = decodingBudget,
    private readonly start: () => Decoder = () => new DecoderChild(),
  ) {}

  /** @throws UnreadableImageError */
  async decode(
    bytes: Uint8Array,
    format: ReadableFormat,
    maxPixels: number,
    task: DecoderTask,
  ): Promise<DecodedImage> {
    await this.turn();
    try {
      return await this.decodeInTurn({ bytes, format, maxPixels, budget: this.budgetFor(maxPixels), task });
    } finally {
      this.passTurnOn();
    }
  }

  private async decodeInTurn(request: DecoderRequest): Promise<DecodedImage> {
    const child = this.idle.pop() ?? this.start();
    if (!child.isAlive) return this.decodeInTurn(request);
    const reply = await child.ask(request, request.budget.seconds + PATIENCE_SECONDS);
    switch (reply.kind) {
      case 'decoded':
        this.idle.push(child);
        return reply.image;
      case 'refused':
        this.idle.push(child);
        throw new UnreadableImageError(reply.fault);
      case 'over-budget':
        child.end();
        throw new UnreadableImageError({ code: 'too-costly', resource: reply.resource });
      case 'ended':
        if (reply.byItself) return this.decodeInTurn(request);
        throw new UnreadableImageError(
          { code: 'damaged', format: request.format },
          { cause: new Error(`The decoder ${reply.how}.`) },
        );
      case 'failed':
      case 'ready':
        child.end();
        throw new Error('The image decoder failed.', { cause: reply });
    }
  }

  private turn(): Promise<void> | undefined {
    if (this.running < this.atOnce) {
      this.running++;
      return undefined;
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private passTurnOn(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.running--;
  }
}
