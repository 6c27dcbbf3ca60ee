import type { ModelClient, PromptSegment } from '#libs/client';
import { fitToContext, QuestionTooLongError } from '#libs/conversation';

import type { Settings } from '../config/settings.js';
import { findImages, isOtherFile } from '../images/find-images.js';
import { type ImageLoader, UnusableImageError } from '../images/load-images.js';
import { UnanswerableError } from './failures.js';
import type { LoadedQuestion, NamedImage } from './loaded-question.js';
import type { ChatMessage, ImageReference } from './message.js';
import { turnsOf } from './prompt-turns.js';
import type { Question } from './question.js';
import { isSmallTalk } from './small-talk.js';
import type { Warning } from './warning.js';

/** What the model is asked, and what it would take for settings that are not given. */
export interface Prompt {
  readonly segments: readonly (
    | Extract<PromptSegment, { kind: 'text' }>
    | { readonly kind: 'image'; readonly image: NamedImage }
  )[];
  readonly stopSequences: readonly string[];
  readonly defaultTemperature: number;
  /** What the asker should know about the answer. */
  readonly warnings: readonly Warning[];
}

/** Rebuilds what the model is asked from a question's messages. */
export class PromptBuilder {
  constructor(
    private readonly settings: Settings,
    private readonly client: ModelClient,
    private readonly images: ImageLoader,
  ) {}

  /**
   * Reads the conversation and fetches the images that the model does not know yet.
   * @throws ModelServerError when the model server is away
   */
  async load(question: Question, signal: AbortSignal): Promise<LoadedQuestion> {
    const model = await this.client.getModel({ signal });
    const messages = await withLatestImage(question, signal);
    const { images } = this.settings.config;
    const found = findImages(messages, {
      maxPerQuestion: images.maxPerQuestion,
      maxBytes: Math.min(images.maxBytes, model.maxImageBytes),
      maxInPrompt: model.maxImages,
    });
    const loading = [...found.byMessage].map(async ([message, references]) => ({
      message,
      outcomes: await Promise.all(references.map((image) => this.loadOrWarn(image, signal))),
    }));
    const loaded = await Promise.all(loading);
    const warnings = loaded.flatMap(({ outcomes }) => outcomes.flatMap(({ warning }) => warning ?? []));
    return {
      wish: question.wish,
      model,
      messages,
      images: new Map(
        loaded.map(({ message, outcomes }) => [message, outcomes.flatMap(({ image }) => image ?? [])]),
      ),
      warnings: [...found.warnings, ...warnings],
    };
  }

  /** @throws UnanswerableError when there is nothing to ask or too much */
  async build(question: LoadedQuestion, signal: AbortSignal): Promise<Prompt> {
    const { model, warnings } = question;
    const maxNewTokens = this.settings.config.answers.maxNewTokens ?? model.defaultMaxNewTokens;
    const budget = { tokens: model.contextLength - maxNewTokens, images: model.maxImages };
    const conversation = { template: model.template, turns: turnsOf(question) };
    const countTokens = async (segments: readonly PromptSegment[]) =>
      (await this.client.countTokens(segments, { signal })).tokens;
    try {
      const { segments, stopSequences, dropped } = await fitToContext(conversation, budget, countTokens);
      const defaultTemperature = model.defaultSampling.temperature ?? 0;
      const left: Warning[] =
        dropped.turns > 0 ? [{ kind: 'earlier-turns-dropped', turns: dropped.turns }] : [];
      const blind: Warning[] =
        segments.some(({ kind }) => kind === 'image') || needsNoPicture(question.messages)
          ? []
          : [{ kind: 'no-picture-looked-at' }];
      return { segments, stopSequences, defaultTemperature, warnings: [...warnings, ...left, ...blind] };
    } catch (error) {
      if (error instanceof QuestionTooLongError) throw new UnanswerableError('too-long', { cause: error });
      throw error;
    }
  }

  private async loadOrWarn(
    reference: ImageReference,
    signal: AbortSignal,
  ): Promise<{ readonly image?: NamedImage; readonly warning?: Warning }> {
    try {
      return { image: { ...(await this.images.load(reference, signal)), name: reference.name } };
    } catch (error) {
      if (!(error instanceof UnusableImageError)) throw error;
      return { warning: { kind: 'image-skipped', name: error.image, problem: error.problem } };
    }
  }
}

/** True when nothing but greetings and thanks were said since the last answer. */
function needsNoPicture(messages: readonly ChatMessage[]): boolean {
  const lastAnswer = messages.findLastIndex(({ author, notice }) => author.kind === 'bot' && !notice);
  return messages.slice(lastAnswer + 1).every(({ notice, text }) => notice || isSmallTalk(text));
}

/** The messages, the last of them about the latest image of the channel when the conversation has none itself. */
async function withLatestImage(question: Question, signal: AbortSignal): Promise<readonly ChatMessage[]> {
  const messages = await question.readMessages(signal);
  const last = messages.at(-1);
  const mayShowImage = messages.some(({ images }) => images.some((image) => !isOtherFile(image)));
  if (!question.latestImage || !last || mayShowImage) return messages;
  const image = await question.latestImage(signal);
  return image ? [...messages.slice(0, -1), { ...last, images: [...last.images, image] }] : messages;
}
