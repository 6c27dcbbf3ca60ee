import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import { type ModelClient, ModelServerError, type ReplyEnd } from '#libs/client';

import type { BotConfig } from '../config/bot-config.js';
import { BOT_CONFIG } from '../config/settings.js';
import {
  AnswerCancelled,
  Chat,
  type ModelDescription,
  type Outcome,
  type PreparedImage,
  type StopResult,
} from '../contract/chat.js';
import type { ImageReference } from '../contract/message.js';
import type { Asker, Platform, Question } from '../contract/question.js';
import type { ReplyAction, ReplyEnding, ReplySink } from '../contract/reply-sink.js';
import type { Warning } from '../contract/warning.js';
import { ImageLoader, UnusableImageError } from '../images/load-images.js';
import { Metrics } from '../metrics/metrics.js';
import { OtherBots } from '../redis/other-bots.js';
import { createReplyWriter, type ReplyWriter, splitIntoMessages } from '../reply/index.js';
import { type Words, wordsFor } from '../words/index.js';
import { failureSentence, isExpected } from './failures.js';
import { ModelReplies } from './model-replies.js';
import { withPatience } from './patience.js';
import { findRefusal } from './permissions.js';
import { MODEL_CLIENT } from './providers.js';
import { RateLimits } from './rate-limits.js';
import { RunningAnswers } from './running-answers.js';
import { imageSentence, warningSentence } from './warning-sentences.js';

/** Where failures are reported to the operator. */
interface FailureLog {
  warn(message: string): void;
  error(message: string, cause: unknown): void;
}

/** After this long without a first word people wonder whether anybody is there. */
const slowMs = 10_000;

const afterwards: readonly ReplyAction[] = ['regenerate', 'feedback-up', 'feedback-down'];

/** An answer while it is being written. */
interface Progress {
  text: string;
  warnings: readonly Warning[];
  tokensPerSecond?: number;
}

@Injectable()
export class ChatService extends Chat {
  constructor(
    @Inject(BOT_CONFIG)
    private readonly config: Pick<BotConfig, 'language' | 'conversation' | 'permissions' | 'answers'>,
    @Inject(MODEL_CLIENT) private readonly client: ModelClient,
    private readonly images: ImageLoader,
    private readonly replies: ModelReplies,
    private readonly running: RunningAnswers,
    private readonly limits: RateLimits,
    private readonly metrics: Metrics,
    @Inject(Logger) private readonly logger: FailureLog,
    /** Set where several bots share a Redis. */
    @Optional() private readonly others?: OtherBots,
  ) {
    super();
  }

  async answer(question: Question, sink: ReplySink, signal: AbortSignal): Promise<Outcome> {
    const started = performance.now();
    const outcome = await this.answerInTurn(question, createReplyWriter(sink), signal).catch(
      (error): Outcome => {
        // Failures of the model or the question are told in the reply. Here the platform refused the reply itself.
        this.logger.error(`The answer to ${question.platform} ${question.id} could not be shown.`, error);
        return { kind: 'failed' };
      },
    );
    this.metrics.countAnswer(question.platform, outcome.kind, (performance.now() - started) / 1_000);
    return outcome;
  }

  async stop(questionId: string, presser: Asker, askerId: string): Promise<StopResult> {
    if (!this.mayControl(presser, askerId)) return 'not-allowed';
    return (await this.cancel(questionId, 'asker')) ? 'stopped' : 'not-running';
  }

  async cancelDeleted(questionId: string): Promise<void> {
    await this.cancel(questionId, 'deletion');
  }

  async isRunning(questionId: string): Promise<boolean> {
    return this.running.has(questionId) || ((await this.others?.isRunning(questionId)) ?? false);
  }

  mayControl(presser: Asker, askerId: string): boolean {
    return presser.moderator || presser.id === askerId;
  }

  countFeedback(platform: Platform, vote: 'up' | 'down'): void {
    this.metrics.countVote(platform, vote);
  }

  async describeModel(): Promise<ModelDescription | undefined> {
    try {
      return await this.client.getModel({ deadlineSeconds: 5 });
    } catch {
      return undefined;
    }
  }

  async prepareImage(
    image: ImageReference,
    sender: Pick<Question, 'platform' | 'asker' | 'place' | 'locale'>,
    signal: AbortSignal,
  ): Promise<PreparedImage> {
    const words = this.findWords(sender.locale);
    const reason = this.checkPermissions(sender, words);
    if (reason !== undefined) return { kind: 'refused', reason };
    try {
      const prompt = await this.images.load(image, signal);
      await this.client.encodeImage(await prompt.load(), { signal });
    } catch (error) {
      if (error instanceof UnusableImageError) {
        return { kind: 'refused', reason: imageSentence(error.image, error.problem, words) };
      }
      if (error instanceof ModelServerError && error.code === 'INVALID_IMAGE') {
        const problem = error.imageFault ?? 'unreadable';
        return { kind: 'refused', reason: imageSentence(image.name, problem, words) };
      }
      // A model server that is away says nothing about the image. The asker is told when the question comes.
    }
    return { kind: 'accepted' };
  }

  private async cancel(questionId: string, by: 'asker' | 'deletion'): Promise<boolean> {
    return this.running.cancel(questionId, by) || ((await this.others?.cancel(questionId, by)) ?? false);
  }

  private async answerInTurn(question: Question, writer: ReplyWriter, signal: AbortSignal): Promise<Outcome> {
    const words = this.findWords(question.locale);
    const refusal = await this.refuse(question, words);
    if (refusal !== undefined) {
      await writer.finish({ state: 'refused', ...refusal, notes: [], actions: [] });
      return { kind: 'refused' };
    }
    return this.running.run(
      question,
      this.config.conversation.whenBusy,
      AbortSignal.any([signal, writer.gone]),
      () => writer.showStatus(words.waitingForEarlierAnswer),
      (stop) => this.write(question, words, writer, stop),
    );
  }

  /** Why a question is not answered; undefined when it is. It counts towards the limits then. */
  private async refuse(
    question: Question,
    words: Words,
  ): Promise<Pick<ReplyEnding, 'status' | 'retryAfterSeconds'> | undefined> {
    const notPermitted = this.checkPermissions(question, words);
    if (notPermitted !== undefined) return { status: notPermitted };
    const rate = await this.limits.count(question);
    if (!rate) return undefined;
    const sentence = rate.whose === 'user' ? words.tooManyFromYou : words.tooManyHere;
    return { status: sentence(rate.seconds), retryAfterSeconds: rate.seconds };
  }

  /** Why the sender may not ask here, in their language; undefined when they may. */
  private checkPermissions(
    sender: Pick<Question, 'platform' | 'asker' | 'place'>,
    words: Words,
  ): string | undefined {
    switch (findRefusal(sender, this.config.permissions)) {
      case 'direct-messages-off':
        return words.directMessagesOff;
      case 'not-allowed':
        return words.notAllowed;
      case undefined:
        return undefined;
    }
  }

  /** Writes the answer, and below it how it ended. */
  private async write(
    question: Question,
    words: Words,
    writer: ReplyWriter,
    stop: AbortSignal,
  ): Promise<Outcome> {
    const started = performance.now();
    const progress: Progress = { text: '', warnings: [] };
    const notes = () => [...new Set(progress.warnings.map((warning) => warningSentence(warning, words)))];
    try {
      stop.throwIfAborted();
      writer.showStatus(words.thinking);
      await this.generate(question, words, writer, stop, progress);
    } catch (error) {
      if (stop.aborted) {
        const status = stoppedSentence(stop.reason, words);
        await writer.finish({ state: 'stopped', status, notes: notes(), actions: ['regenerate'] });
        return { kind: 'stopped', text: progress.text };
      }
      this.report(question, error);
      // Without an answer nobody needs to know what it was based on.
      if (progress.text === '') {
        progress.warnings = progress.warnings.filter(({ kind }) => kind !== 'no-picture-looked-at');
      }
      await writer.finish(failedEnding(failureSentence(error, words, progress.text !== ''), notes()));
      return { kind: 'failed' };
    }
    const seconds = (performance.now() - started) / 1_000;
    const duration = words.duration(seconds.toFixed(1));
    const remarks = this.config.answers.showDuration ? [...notes(), duration] : notes();
    const measured = { seconds, tokensPerSecond: progress.tokensPerSecond };
    await writer.finish({ state: 'done', notes: remarks, actions: afterwards, measured });
    return { kind: 'answered', text: progress.text };
  }

  private report({ platform, id }: Question, error: unknown): void {
    if (isExpected(error)) return;
    const what = `The question ${platform} ${id} could not be answered`;
    // The model server's message is meant for people; a stack trace of this program would tell them nothing.
    if (error instanceof ModelServerError) this.logger.warn(`${what}: ${error.code}, ${error.message}`);
    else this.logger.error(`${what}.`, error);
  }

  private async generate(
    question: Question,
    words: Words,
    writer: ReplyWriter,
    stop: AbortSignal,
    progress: Progress,
  ): Promise<void> {
    const warn = (warnings: readonly Warning[]) => {
      progress.warnings = warnings;
    };
    // Alt text is pasted elsewhere: it is shown when it is whole, and cut to the length that fits there.
    const whole = question.wish.kind === 'alt-text';
    const show = (piece: string) => {
      const text = progress.text === '' ? piece.trimStart() : piece;
      progress.text += text;
      if (text !== '' && !whole) writer.write(text);
    };
    const patience = { slowMs, silentMs: this.config.answers.patienceSeconds * 1_000 };
    const slow = (seconds: number) => {
      if (progress.text === '') writer.showStatus(words.slow(seconds));
    };
    const stream = (signal: AbortSignal) => this.replies.stream(question, warn, signal);
    for await (const event of withPatience(stream, patience, slow, stop)) {
      switch (event.kind) {
        case 'queued':
          if (event.position > 0) writer.showStatus(words.queued(event.position));
          break;
        case 'delta':
          show(event.text);
          break;
        case 'finish':
          warn([...progress.warnings, ...endWarnings(event)]);
          progress.tokensPerSecond = speedOf(event);
      }
    }
    if (question.wish.kind === 'alt-text') {
      progress.text = splitIntoMessages(progress.text.trim(), question.wish.maxLength)[0] ?? '';
      writer.write(progress.text);
    }
  }

  private findWords(locale: string): Words {
    return wordsFor(locale, this.config);
  }
}

function stoppedSentence(reason: unknown, words: Words): string {
  switch (reason instanceof AnswerCancelled ? reason.by : undefined) {
    case 'next-question':
      return words.replaced;
    case 'time':
      return words.timeIsOver;
    default:
      return words.stopped;
  }
}

/** Warnings that say why there is no answer stand in its place. */
function failedEnding(sentence: string | undefined, notes: readonly string[]): ReplyEnding {
  const actions = ['regenerate'] as const;
  return sentence === undefined
    ? { state: 'failed', status: notes.join(' '), notes: [], actions }
    : { state: 'failed', status: sentence, notes, actions };
}

function speedOf({ usage, timings }: ReplyEnd): number | undefined {
  // The first token comes with the prompt.
  const decoded = usage.completionTokens - 1;
  return decoded > 0 && timings.decodeSeconds > 0 ? decoded / timings.decodeSeconds : undefined;
}

function endWarnings({ reason, notices }: ReplyEnd): Warning[] {
  const cut: Warning[] = reason === 'length' ? [{ kind: 'answer-cut-at-limit' }] : [];
  return [...cut, ...notices.map((notice): Warning => ({ kind: 'image-notice', notice }))];
}
