import { type ModelClient, ModelServerError, type ReplyEvent } from '#libs/client';

import type { Settings } from '../config/settings.js';
import { UnusableImageError } from '../images/load-images.js';
import type { RefusedImage } from './loaded-question.js';
import type { Prompt, PromptBuilder } from './prompt-builder.js';
import type { Question } from './question.js';
import type { Warning } from './warning.js';

/** A temperature at which a second answer differs from the first. */
const leastTemperatureAgain = 0.7;

/** Has the model answer questions, without the images that it cannot use. */
export class ModelReplies {
  constructor(
    private readonly settings: Settings,
    private readonly client: ModelClient,
    private readonly prompts: PromptBuilder,
  ) {}

  /**
   * Streams the model's reply to a question.
   * @param warn told all that the asker should know about the answer, each time that this changes
   * @throws UnanswerableError, ModelServerError
   */
  async *to(
    question: Question,
    warn: (warnings: readonly Warning[]) => void,
    signal: AbortSignal,
  ): AsyncGenerator<ReplyEvent, void, undefined> {
    let loaded = await this.prompts.load(question, signal);
    for (;;) {
      warn(loaded.warnings);
      const prompt = await this.prompts.build(loaded, signal);
      warn(prompt.warnings);
      try {
        yield* this.client.generate(this.request(question, prompt), { signal });
        return;
      } catch (error) {
        // Images are judged before the first word, so nothing is said twice.
        const unusable = unusableImages(error, prompt);
        if (unusable.length === 0) throw error;
        loaded = await this.prompts.loadWithout(loaded, unusable, signal);
      }
    }
  }

  private request(question: Question, { segments, stopSequences, defaultTemperature }: Prompt) {
    const { maxNewTokens, temperature } = this.settings.config.answers;
    const wanted = temperature ?? defaultTemperature;
    return {
      segments,
      stopSequences,
      maxNewTokens,
      sampling: question.again
        ? { temperature: Math.max(wanted, leastTemperatureAgain) }
        : temperature === undefined
          ? undefined
          : { temperature },
    };
  }
}

/** The images that made a prompt fail: the model server refused them, or no longer has them and they are gone. */
function unusableImages(error: unknown, { segments }: Prompt): readonly RefusedImage[] {
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
