import { randomUUID } from 'node:crypto';

import type { Redis } from 'ioredis';
import { z } from 'zod';

import { jsonText } from '../foreign-json.js';

const requestChannel = 'minigpt4:answers';
/**
 * A bot that takes longer is as good as away: somebody has pressed a button and waits. A busy one needs its time, and its
 * answer must not be taken for one that broke off.
 */
const answerWithinMs = 2_000;

/** Asks who is writing the answer to a question, and to cancel it if there is a reason to. */
const request = z.object({
  id: z.string(),
  from: z.string(),
  question: z.string(),
  cancel: z.enum(['asker', 'deletion']).optional(),
});

type CancelReason = NonNullable<z.infer<typeof request>['cancel']>;

/** The answers that this bot is writing. */
interface OwnAnswers {
  has(questionId: string): boolean;
  cancel(questionId: string, by: CancelReason): boolean;
}

/**
 * The other bots that share a Redis. A press of Stop may be delivered to any of them; the bot that writes the answer is
 * told. Nothing is stored, so a bot that has ended is not taken for one that is still writing.
 */
export class OtherBots {
  private readonly self = randomUUID();
  private readonly asked = new Map<string, () => void>();
  private readonly listener: Redis;

  constructor(
    private readonly redis: Redis,
    private readonly running: OwnAnswers,
    /** Is called for each message on the channel that no bot sent. */
    private readonly unreadable: () => void,
  ) {
    // A connection that listens can do nothing else (Redis docs, SUBSCRIBE).
    this.listener = redis.duplicate({ autoResubscribe: false });
    // That Redis is away is said by the connection this is a copy of.
    this.listener.on('error', () => {});
    this.listener.on('ready', () => {
      this.listener.subscribe(requestChannel, this.replyChannel(this.self)).catch(() => {});
    });
    this.listener.on('message', (channel, message) => {
      if (channel === requestChannel) this.hear(message);
      else this.asked.get(message)?.();
    });
  }

  /** True when another bot is writing or about to write the answer to a question. */
  isRunning(question: string): Promise<boolean> {
    return this.ask(question);
  }

  /** Cancels an answer that another bot is writing; false when none is. */
  cancel(question: string, by: CancelReason): Promise<boolean> {
    return this.ask(question, by);
  }

  close(): void {
    this.listener.disconnect();
  }

  private async ask(question: string, cancel?: CancelReason): Promise<boolean> {
    const id = randomUUID();
    const said = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), answerWithinMs);
      this.asked.set(id, () => {
        clearTimeout(timer);
        resolve(true);
      });
    });
    const message = JSON.stringify({ id, from: this.self, question, cancel });
    const listeners = await this.redis.publish(requestChannel, message).catch(() => 0);
    // This bot is one of those who listen.
    const found = listeners > 1 && (await said);
    this.asked.delete(id);
    return found;
  }

  private hear(message: string): void {
    const heard = jsonText(request).safeParse(message).data;
    if (!heard) {
      this.unreadable();
      return;
    }
    const { id, from, question, cancel } = heard;
    if (from === this.self || !this.running.has(question)) return;
    if (cancel) this.running.cancel(question, cancel);
    this.redis.publish(this.replyChannel(from), id).catch(() => {});
  }

  private replyChannel(bot: string): string {
    return `${requestChannel}:${bot}`;
  }
}
