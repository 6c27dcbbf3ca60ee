import { Inject, Injectable } from '@nestjs/common';
import type { ModelClient, PromptSegment } from '#libs/client';
import { fitToContext, QuestionTooLongError } from '#libs/conversation';
import type { BotConfig } from '../config/bot-config.js';
import { BOT_CONFIG } from '../config/settings.js';
import type { ChatMessage, ImageReference } from '../contract/message.js';
import type { Question } from '../contract/question.js';
import type { ImageProblem, Warning } from '../contract/warning.js';
import { findImages, isOtherFile } from '../images/find-images.js';
import { ImageLoader, UnusableImageError } from '../images/load-images.js';
import { UnanswerableError } from './failures.js';
import type { LoadedQuestion, NamedImage, RefusedImage } from './loaded-question.js';
import { turnsOf } from './prompt-turns.js';
import { MODEL_CLIENT } from './providers.js';
import { isSmallTalk } from './small-talk.js';

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
@Injectable()
export class PromptBuilder {
  constructor(
    @Inject(BOT_CONFIG) private readonly config: Pick<BotConfig, 'answers' | 'images'>,
    @Inject(MODEL_CLIENT) private readonly client: ModelClient,
    private readonly images: ImageLoader,
  ) {}

  /**
   * Reads the conversation and fetches the images that the model does not know yet.
   * @throws ModelServerError when the model server is away
   */
  async load(question: Question, signal: AbortSignal): Promise<LoadedQuestion> {
    const model = await this.client.getModel({ signal });
    const messages = await addLatestImage(question, signal);
    const nothing = { images: new Map(), unusable: new Map(), warnings: [] };
    return this.choose({ wish: question.wish, model, messages, ...nothing }, signal);
  }

  /** The same question without images that the model server refused; others may take their place. */
  loadWithout(
    question: LoadedQuestion,
    refused: readonly RefusedImage[],
    signal: AbortSignal,
  ): Promise<LoadedQuestion> {
    const problems = new Map(refused.map(({ image, problem }) => [image.digest, problem]));
    // A still has another digest than the animation it was taken from.
    const references = new Map(refused.map(({ image, problem }) => [image.reference, problem]));
    const unusable = new Map(question.unusable);
    // The same image may stand in several messages.
    for (const { digest, reference } of [...question.images.values()].flat()) {
      const problem = problems.get(digest) ?? references.get(reference);
      if (problem) unusable.set(reference, problem);
    }
    return this.choose({ ...question, unusable }, signal);
  }

  /** Chooses and fetches images, until all that are chosen can be used. */
  private async choose(question: LoadedQuestion, signal: AbortSignal): Promise<LoadedQuestion> {
    const { model, messages } = question;
    const { maxPerQuestion, maxBytes } = this.config.images;
    const limits = {
      maxPerQuestion,
      maxBytes: Math.min(maxBytes, model.maxImageBytes),
      maxInPrompt: model.distinctImages,
    };
    const unusable = new Map(question.unusable);
    const fetched = new Map([...question.images.values()].flat().map((image) => [image.reference, image]));
    for (;;) {
      const found = findImages(messages, limits, unusable);
      const missing = [...found.byMessage.values()].flat().filter((image) => !fetched.has(image));
      const outcomes = await Promise.all(missing.map((image) => this.fetch(image, signal)));
      for (const outcome of outcomes) {
        if (outcome.image) fetched.set(outcome.reference, outcome.image);
        else unusable.set(outcome.reference, outcome.problem);
      }
      if (outcomes.every(({ image }) => image)) {
        const skipped = [...unusable].map(
          ([{ name }, problem]): Warning => ({ kind: 'image-skipped', name, problem }),
        );
        const images = new Map(
          [...found.byMessage].map(([message, chosen]) => [
            message,
            chosen.flatMap((image) => fetched.get(image) ?? []),
          ]),
        );
        return { ...question, images, unusable, warnings: [...found.warnings, ...skipped] };
      }
    }
  }

  private async fetch(
    reference: ImageReference,
    signal: AbortSignal,
  ): Promise<
    | { readonly reference: ImageReference; readonly image: NamedImage }
    | { readonly reference: ImageReference; readonly image?: undefined; readonly problem: ImageProblem }
  > {
    try {
      const image = await this.images.load(reference, signal);
      return { reference, image: { ...image, name: reference.name, reference } };
    } catch (error) {
      if (!(error instanceof UnusableImageError)) throw error;
      return { reference, problem: error.problem };
    }
  }

  /** @throws UnanswerableError when there is nothing to ask or too much */
  async build(question: LoadedQuestion, signal: AbortSignal): Promise<Prompt> {
    const { model } = question;
    const maxNewTokens = this.config.answers.maxNewTokens ?? model.defaultMaxNewTokens;
    const budget = { tokens: model.contextLength - maxNewTokens, images: model.distinctImages };
    // Pictures may take half of the context, so that stills leave room for what was said.
    const mostImages = Math.min(budget.images, Math.floor(budget.tokens / 2 / model.tokensPerImage));
    const shown = await showAnimations(question, mostImages, this.images);
    const conversation = { template: model.template, turns: turnsOf(shown) };
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
      return {
        segments,
        stopSequences,
        defaultTemperature,
        warnings: [...shown.warnings, ...left, ...blind],
      };
    } catch (error) {
      if (error instanceof QuestionTooLongError) throw new UnanswerableError('too-long', { cause: error });
      throw error;
    }
  }
}

/** True when nothing but greetings and thanks were said since the last answer. */
function needsNoPicture(messages: readonly ChatMessage[]): boolean {
  const lastAnswer = messages.findLastIndex(({ author, notice }) => author.kind === 'bot' && !notice);
  return messages.slice(lastAnswer + 1).every(({ notice, text }) => notice || isSmallTalk(text));
}

/** The messages, the last of them about the latest image of the channel when the conversation has none itself. */
async function addLatestImage(question: Question, signal: AbortSignal): Promise<readonly ChatMessage[]> {
  const messages = await question.readMessages(signal);
  const last = messages.at(-1);
  const mayShowImage = messages.some(({ images }) => images.some((image) => !isOtherFile(image)));
  if (!question.latestImage || !last || mayShowImage) return messages;
  const image = await question.latestImage(signal);
  return image ? [...messages.slice(0, -1), { ...last, images: [...last.images, image] }] : messages;
}

/** The beginning, the middle and the end. */
const maxStills = 3;

/**
 * The question with stills in place of its animations, as far as there is room; the latest message comes first. Without
 * room, the model server takes an animation's first frame, and says so.
 */
async function showAnimations(
  question: LoadedQuestion,
  mostImages: number,
  loader: ImageLoader,
): Promise<LoadedQuestion> {
  const images = new Map<ChatMessage, readonly NamedImage[]>();
  const warnings: Warning[] = [];
  let room = mostImages - [...question.images.values()].flat().length;
  for (const [message, chosen] of [...question.images].toReversed()) {
    const shown: NamedImage[] = [];
    for (const image of chosen) {
      const stills = room > 0 ? await loader.stillsOf(image, Math.min(maxStills, room + 1)) : [];
      room -= Math.max(0, stills.length - 1);
      if (stills.length === 0) shown.push(image);
      else {
        shown.push(...stills.map((still) => ({ ...image, ...still })));
        warnings.push({ kind: 'stills-looked-at', name: image.name, stills: stills.length });
      }
    }
    images.set(message, shown);
  }
  return { ...question, images, warnings: [...question.warnings, ...warnings] };
}
