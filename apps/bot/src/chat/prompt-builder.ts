import type { ModelClient, ModelInfo, PromptImage, PromptSegment } from '#libs/client';
import { fitToContext, QuestionTooLongError, type Turn } from '#libs/conversation';

import type { Settings } from '../config/settings.js';
import { findImages } from '../images/find-images.js';
import { type ImageLoader, UnusableImageError } from '../images/load-images.js';
import { UnanswerableError } from './failures.js';
import type { ChatMessage, ImageReference } from './message.js';
import type { Question, Wish } from './question.js';
import type { Warning } from './warning.js';

/** What the model is asked, and what it would take for settings that are not given. */
export interface Prompt {
  readonly segments: readonly PromptSegment[];
  readonly stopSequences: readonly string[];
  readonly defaultTemperature: number;
}

/** What is asked of the model, whose language is English, when people do not say it themselves. */
const describe = 'Describe this image in detail.';
const writeAltText = 'Write alt text for this image.';

/** Rebuilds what the model is asked from a question's messages. */
export class PromptBuilder {
  constructor(
    private readonly settings: Settings,
    private readonly client: ModelClient,
    private readonly images: ImageLoader,
  ) {}

  /**
   * The prompt for a question. What could not be used or did not fit is added to `warnings`.
   * @throws UnanswerableError when there is nothing to ask, ModelServerError when the model server is away
   */
  async build(question: Question, warnings: Warning[], signal: AbortSignal): Promise<Prompt> {
    const model = await this.client.getModel({ signal });
    const messages = await withLatestImage(question, signal);
    const found = findImages(messages, { ...this.settings.config.images, maxInPrompt: model.maxImages });
    warnings.push(...found.warnings);

    const loaded = await this.#load(found.byMessage, warnings, signal);
    const turns = turnsOf(messages, loaded, question.wish);
    const prompt = await this.#fit(turns, model, warnings, signal);
    return {
      segments: prompt.segments,
      stopSequences: prompt.stopSequences,
      defaultTemperature: model.defaultSampling.temperature ?? 0,
    };
  }

  async #load(
    byMessage: ReadonlyMap<ChatMessage, readonly ImageReference[]>,
    warnings: Warning[],
    signal: AbortSignal,
  ): Promise<Map<ChatMessage, PromptImage[]>> {
    const loadOrWarn = async (image: ImageReference): Promise<PromptImage[]> => {
      try {
        return [await this.images.load(image, signal)];
      } catch (error) {
        if (!(error instanceof UnusableImageError)) throw error;
        warnings.push({ kind: 'image-skipped', name: error.image, problem: error.problem });
        return [];
      }
    };
    const loading = [...byMessage].map(async ([message, images]) => {
      const loaded = await Promise.all(images.map(loadOrWarn));
      return [message, loaded.flat()] as const;
    });
    return new Map(await Promise.all(loading));
  }

  async #fit(
    turns: readonly Turn<PromptImage>[],
    model: ModelInfo,
    warnings: Warning[],
    signal: AbortSignal,
  ) {
    const maxNewTokens = this.settings.config.answers.maxNewTokens ?? model.defaultMaxNewTokens;
    const budget = { tokens: model.contextLength - maxNewTokens, images: model.maxImages };
    const countTokens = async (segments: readonly PromptSegment[]) =>
      (await this.client.countTokens(segments, { signal })).tokens;
    try {
      const fitted = await fitToContext({ template: model.template, turns }, budget, countTokens);
      if (fitted.dropped.turns > 0) {
        warnings.push({ kind: 'earlier-turns-dropped', turns: fitted.dropped.turns });
      }
      return fitted;
    } catch (error) {
      if (error instanceof QuestionTooLongError) throw new UnanswerableError('too-long', { cause: error });
      throw error;
    }
  }
}

/** The messages, the last of them about the latest image of the channel when the conversation has none itself. */
async function withLatestImage(question: Question, signal: AbortSignal): Promise<readonly ChatMessage[]> {
  const { messages, latestImage } = question;
  const [last, ...earlier] = messages.toReversed();
  if (!latestImage || !last || messages.some(({ images }) => images.length > 0)) return messages;
  const image = await latestImage(signal);
  return image ? [...earlier.toReversed(), { ...last, images: [image] }] : messages;
}

/**
 * The conversation as the model sees it, without the bot's notices. Turns of the same side that follow each other
 * are merged by the template.
 */
function turnsOf(
  messages: readonly ChatMessage[],
  images: ReadonlyMap<ChatMessage, readonly PromptImage[]>,
  wish: Wish,
): Turn<PromptImage>[] {
  const turns = messages
    .filter(({ notice }) => !notice)
    .map(
      (message): Turn<PromptImage> =>
        message.author.kind === 'bot'
          ? { role: 'assistant', text: answerText(message) }
          : { role: 'user', images: images.get(message) ?? [], text: message.text },
    );
  const hasImage = turns.some((turn) => turn.role === 'user' && turn.images.length > 0);
  const words = wordsOfQuestion(turns);

  if (wish.kind === 'alt-text') {
    if (!hasImage) throw new UnanswerableError('no-image');
    return [...turns, { role: 'user', images: [], text: writeAltText }];
  }
  if (words !== '') return turns;
  // Pictures without a word are a question all the same; nothing at all is none.
  if (!questionTurns(turns).some((turn) => turn.role === 'user' && turn.images.length > 0)) {
    throw new UnanswerableError('nothing-asked');
  }
  return [...turns, { role: 'user', images: [], text: describe }];
}

/** An answer as the model sees it: half of one is marked, so that it is not taken for how answers end. */
function answerText({ text, unfinished }: ChatMessage): string {
  return unfinished && text !== '' ? `${text}...` : text;
}

/** The turns since the last answer. */
function questionTurns<Image>(turns: readonly Turn<Image>[]): readonly Turn<Image>[] {
  return turns.slice(turns.findLastIndex(({ role }) => role === 'assistant') + 1);
}

function wordsOfQuestion<Image>(turns: readonly Turn<Image>[]): string {
  return questionTurns(turns)
    .map(({ text }) => text.trim())
    .join('');
}
