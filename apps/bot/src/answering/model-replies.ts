import { Inject, Injectable } from '@nestjs/common';
import { type GenerateRequest, type ModelClient, ModelServerError, type ReplyEvent } from '#libs/client';

import type { BotConfig } from '../config/bot-config.js';
import { BOT_CONFIG } from '../config/settings.js';
import type { Question } from '../contract/question.js';
import type { Warning } from '../contract/warning.js';
import { UnusableImageError } from '../images/load-images.js';
import { UnanswerableError } from './failures.js';
import type { RefusedImage } from './loaded-question.js';
import { type Prompt, PromptBuilder } from './prompt-builder.js';
import { MODEL_CLIENT } from './providers.js';

/** A temperature at which a second answer differs from the first. */
const minTemperatureAgain = 0.7;

/** Asks the model, and asks again without the images that it cannot use. */
@Injectable()
export class ModelReplies {
  constructor(
    @Inject(BOT_CONFIG) private readonly config: Pick<BotConfig, 'answers'>,
    @Inject(MODEL_CLIENT) private readonly client: ModelClient,
    private readonly prompts: PromptBuilder,
  ) {}

  /**
   * Streams the model's reply to a question.
   * @param warn is called with everything that the asker should know about the answer, whenever that changes
   * @throws UnanswerableError, ModelServerError
   */
  async *stream(
    question: Question,
    warn: (warnings: readonly Warning[]) => void,
    signal: AbortSignal,
  ): AsyncGenerator<ReplyEvent, void, undefined> {
    let loaded = await this.prompts.load(question, signal);
    const sampled = question.again ?? false;
    for (;;) {
      warn(loaded.warnings);
      const prompt = await this.prompts.build(loaded, signal);
      warn(prompt.warnings);
      try {
        // A model that said nothing is asked once more, and sampled: greedy, it would say nothing again.
        if (yield* this.streamOnce(this.requestFor(prompt, sampled), signal)) return;
        if (yield* this.streamOnce(this.requestFor(prompt, true), signal)) return;
        throw new UnanswerableError('nothing-said');
      } catch (error) {
        // Images are judged before the first word, so nothing is said twice.
        const unusable = findUnusableImages(error, prompt);
        if (unusable.length === 0) throw error;
        loaded = await this.prompts.loadWithout(loaded, unusable, signal);
      }
    }
  }

  /** Streams a reply; true when there was more to it than white space. */
  private async *streamOnce(
    request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<ReplyEvent, boolean, undefined> {
    let said = '';
    for await (const event of this.client.generate(request, { signal })) {
      if (event.kind === 'delta') said += event.text;
      // The end of a reply that says nothing is not the end of the answer.
      if (event.kind === 'finish' && said.trim() === '') return false;
      yield event;
    }
    return true;
  }

  private requestFor(
    { segments, stopSequences, defaultTemperature }: Prompt,
    sampled: boolean,
  ): GenerateRequest {
    const { maxNewTokens, temperature } = this.config.answers;
    const wanted = temperature ?? defaultTemperature;
    return {
      segments,
      stopSequences,
      maxNewTokens,
      sampling: sampled
        ? { temperature: Math.max(wanted, minTemperatureAgain) }
        : temperature === undefined
          ? undefined
          : { temperature },
    };
  }
}

/** The images that made a prompt fail: the model server refused them, or no longer has them and they are gone. */
function findUnusableImages(error: unknown, { segments }: Prompt): readonly RefusedImage[] {
  const images = segments.map((segment) => (segment.kind === 'image' ? segment.image : undefined));
  if (error instanceof UnusableImageError) {
    const image = images.find((one) => one?.digest === error.digest);
    return image ? [{ image, problem: error.problem }] : [];
  }
  if (!(error instanceof ModelServerError)) return [];
  return error.refusedImages.flatMap(({ segmentIndex, fault }) => {
    const image = images[segmentIndex];
    return image ? [{ image, problem: fault ?? 'unreadable' }] : [];
  });
}
