import { Inject, Injectable, Logger } from '@nestjs/common';
import type { BotConfig } from '../../config/bot-config.js';
import { BOT_CONFIG } from '../../config/settings.js';
import { Chat, Closing, type Question, type ReplySink } from '../../contract/index.js';
import { type Words, wordsFor } from '../../words/index.js';
import { SlackIdentity } from '../conversation/identity.js';
import type { KnownPerson } from '../conversation/people.js';
import { isDirect } from '../conversation/slack-message.js';
import { replyWithFallbacks } from '../reply/fallback-reply.js';
import { type ReplySubject, ReplyTools } from '../reply/reply-context.js';
import type { Prompt } from '../reply/reply-record.js';
import { StreamedReply } from '../reply/streamed-reply.js';

/** How long answers that were stopped by the bot's end may take to say so. */
const farewellMs = 5_000;

interface ReplyPlace {
  readonly channel: string;
  readonly threadTs: string | undefined;
  readonly prompt?: Prompt;
  readonly heading?: string;
}

/** Answers questions: streamed in direct messages, edited elsewhere, stopped when the bot ends. */
@Injectable()
export class Answers {
  private readonly answers = new Map<string, Promise<unknown>>();

  constructor(
    private readonly chat: Chat,
    readonly tools: ReplyTools,
    private readonly identity: SlackIdentity,
    @Inject(BOT_CONFIG) private readonly config: Pick<BotConfig, 'language'>,
    private readonly closing: Closing,
    private readonly logger: Logger,
  ) {}

  wordsFor(person: KnownPerson): Words {
    return wordsFor(person.locale, this.config);
  }

  makeSubject(question: Question, person: KnownPerson, place: ReplyPlace): ReplySubject {
    return {
      channel: place.channel,
      threadTs: place.threadTs,
      control: { question: question.id, asker: person.asker.id },
      prompt: place.prompt,
      heading: place.heading,
      words: this.wordsFor(person),
    };
  }

  /** The way a reply is shown best: native streaming needs a thread, and in channels only the asker would see it. */
  makeSink(subject: ReplySubject): ReplySink {
    const { channel, threadTs } = subject;
    return isDirect(channel) && threadTs !== undefined
      ? new StreamedReply(this.tools, { ...subject, threadTs }, this.identity.teamId, this.logger)
      : replyWithFallbacks(this.tools, subject);
  }

  async answer(question: Question, sink: ReplySink): Promise<void> {
    const answer = this.chat.answer(question, sink, this.closing.signal);
    this.answers.set(question.id, answer);
    await answer;
    if (this.answers.get(question.id) === answer) this.answers.delete(question.id);
  }

  /** Resolves when the answer to a question has ended: a button may be seen, and pressed, a moment before. */
  async waitFor(questionId: string): Promise<void> {
    await this.answers.get(questionId);
  }

  /** Resolves when all answers have ended, or take too long to. */
  async settle(): Promise<void> {
    const patience = new Promise((resolve) => setTimeout(resolve, farewellMs).unref());
    await Promise.race([Promise.allSettled(this.answers.values()), patience]);
  }
}
