import type { ImageNotice } from '#libs/images';

import type { ChosenTokenScore, FinishReason, GenerateEvent, ImageDigest } from '../engine.js';
import type { SequenceListener, SequenceOutcome } from '../scheduling/sequence.js';
import { ReplyText, type TokenTextDecoder } from './reply-text.js';

/** A request's images once they are encoded. */
export interface ReplyImage {
  readonly digest: ImageDigest;
  readonly cached: boolean;
  readonly notices: readonly ImageNotice[];
}

export interface ReplyListener {
  onEvent(event: GenerateEvent): void;
  onError(error: Error): void;
}

/** Turns the tokens of one sequence into the events of its request. */
export class Reply implements SequenceListener {
  private readonly text: ReplyText;
  /** Generated since the last delta. */
  private tokenIds: number[] = [];
  private images: readonly ReplyImage[] = [];

  constructor(
    decoder: TokenTextDecoder,
    stopSequences: readonly string[],
    /** Tokens that end the reply. */
    private readonly endTokens: ReadonlySet<number>,
    private readonly listener: ReplyListener,
    /** Of the tokens since it was last called; absent where the request asks for none. */
    private readonly takeScores?: () => readonly ChosenTokenScore[],
  ) {
    this.text = new ReplyText(decoder, stopSequences);
  }

  useImages(images: readonly ReplyImage[]): void {
    this.images = images;
  }

  onQueued(position: number): void {
    this.listener.onEvent({ kind: 'queued', position });
  }

  onToken(tokenId: number): 'continue' | 'stop' {
    this.tokenIds.push(tokenId);
    if (this.endTokens.has(tokenId)) return 'stop';
    const { text, stopped } = this.text.push(tokenId);
    if (text !== '') this.emitDelta(text);
    return stopped ? 'stop' : 'continue';
  }

  onFinish(outcome: SequenceOutcome): void {
    const rest = this.text.end();
    if (rest !== '' || this.tokenIds.length > 0) this.emitDelta(rest);
    this.listener.onEvent(this.finishEvent(outcome.reason, outcome));
  }

  onError(error: Error): void {
    this.listener.onError(error);
  }

  private emitDelta(text: string): void {
    const scores = this.takeScores && { scores: this.takeScores() };
    this.listener.onEvent({ kind: 'delta', text, tokenIds: this.tokenIds, ...scores });
    this.tokenIds = [];
  }

  private finishEvent(reason: FinishReason, outcome: SequenceOutcome): GenerateEvent {
    const { image, queue, prefill, decode, firstToken, total } = outcome.times;
    return {
      kind: 'finish',
      reason,
      usage: {
        promptTokens: outcome.promptTokens,
        completionTokens: outcome.completionTokens,
        cachedPromptTokens: outcome.cachedPromptTokens,
        images: this.images.length,
        cachedImages: this.images.filter(({ cached }) => cached).length,
      },
      timings: { queue, image, prefill, decode, firstToken: firstToken ?? total },
      imageDigests: this.images.map(({ digest }) => digest),
      notices: [...new Set(this.images.flatMap(({ notices }) => notices))],
    };
  }
}
