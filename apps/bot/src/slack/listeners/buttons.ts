import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Chat, type Question } from '../../contract/index.js';
import { ConversationReader, headingIn } from '../conversation/conversation-reader.js';
import { InterruptedAnswers } from '../conversation/interrupted-answers.js';
import { type KnownPerson, People } from '../conversation/people.js';
import { Questions } from '../conversation/questions.js';
import { maybe, type SlackMessage, slackMessage } from '../conversation/slack-message.js';
import { callPatiently } from '../reply/api-errors.js';
import { replyWithFallbacks } from '../reply/fallback-reply.js';
import { tellPrivately } from '../reply/private-reply.js';
import {
  type Control,
  messageQuestionId,
  type ReplyRecord,
  readControl,
  recordOf,
} from '../reply/reply-record.js';
import { Answers } from './answers.js';

export const buttonPress = z.object({
  user: z.object({ id: z.string() }),
  channel: z.object({ id: z.string() }),
  message: slackMessage,
  response_url: z.string(),
  actions: z.array(z.object({ value: maybe(z.string()) })).min(1),
});

type ButtonPress = z.infer<typeof buttonPress>;

/** Stop, Try again and the votes below an answer. */
@Injectable()
export class ButtonListener {
  constructor(
    private readonly chat: Chat,
    private readonly people: People,
    private readonly reader: ConversationReader,
    private readonly questions: Questions,
    private readonly answers: Answers,
    private readonly interrupted: InterruptedAnswers,
  ) {}

  async stop(press: ButtonPress): Promise<void> {
    const person = await this.people.find(press.user.id);
    const { question, asker } = readControl(press.actions[0]?.value);
    switch (await this.chat.stop(question, person.asker, asker)) {
      case 'stopped':
        return;
      case 'not-allowed':
        return this.refuse(press, person);
      case 'not-running':
        return this.markInterrupted(press, person);
    }
  }

  async regenerate(press: ButtonPress): Promise<void> {
    const presser = await this.people.find(press.user.id);
    const control = readControl(press.actions[0]?.value);
    if (!this.chat.mayControl(presser.asker, control.asker)) return this.refuse(press, presser);
    const channel = press.channel.id;
    const root = press.message.thread_ts ?? press.message.ts;
    const thread = await this.reader.readThread(channel, root);
    const parts = thread.filter((message) => recordOf(message)?.question === control.question);
    if (parts.some((message) => recordOf(message)?.state === 'running')) return;
    await this.answers.waitFor(control.question);
    const person = await this.people.find(control.asker);
    const asked = this.askAgain(channel, root, thread, parts, person, control);
    if (asked === undefined) {
      const text = this.answers.wordsFor(presser).slack.questionGone;
      return tellPrivately(press.response_url, text);
    }
    await this.answerInPlace(asked, parts, channel, root, person);
  }

  async vote(press: ButtonPress): Promise<void> {
    this.chat.countFeedback('slack', press.actions[0]?.value === 'up' ? 'up' : 'down');
    const text = this.answers.wordsFor(await this.people.find(press.user.id)).page.thanks;
    await tellPrivately(press.response_url, text);
  }

  /** The question as it was, from its message or from what the reply kept of it. */
  private askAgain(
    channel: string,
    root: string,
    thread: readonly SlackMessage[],
    parts: readonly SlackMessage[],
    person: KnownPerson,
    control: Control,
  ): Question | undefined {
    const again = parts.some((part) => recordOf(part)?.state !== 'notice');
    const asked = { channel, root, person, again };
    const first = parts[0];
    const prompt = first && recordOf(first)?.prompt;
    if (prompt !== undefined) {
      return this.questions.buildFromPrompt(asked, prompt, control.question, first);
    }
    const message = thread.find(({ ts }) => messageQuestionId(channel, ts) === control.question);
    return message && this.questions.buildFromMessage(asked, message);
  }

  /** The new answer takes the place of the old one; what the old one had more of is deleted. */
  private async answerInPlace(
    question: Question,
    parts: readonly SlackMessage[],
    channel: string,
    root: string,
    person: KnownPerson,
  ): Promise<void> {
    const [first, ...further] = parts;
    const record: ReplyRecord | undefined = first && recordOf(first);
    for (const { ts } of further) {
      await callPatiently(() => this.answers.tools.client.chat.delete({ channel, ts }));
    }
    const place = {
      channel,
      threadTs: first?.ts === root ? undefined : root,
      prompt: record?.prompt,
      heading: first && headingIn(first),
    };
    const subject = this.answers.makeSubject(question, person, place);
    await this.answers.answer(
      question,
      replyWithFallbacks(this.answers.tools, subject, { posted: first ? [first.ts] : [] }),
    );
  }

  /** An answer that the bot's end cut off cannot be stopped, but it can be marked. */
  private async markInterrupted({ channel, message }: ButtonPress, person: KnownPerson): Promise<void> {
    const thread = await this.reader.readThread(channel.id, message.thread_ts ?? message.ts);
    await this.interrupted.mark(channel.id, thread, this.answers.wordsFor(person));
  }

  private async refuse(press: ButtonPress, person: KnownPerson): Promise<void> {
    const text = this.answers.wordsFor(person).onlyAskerMayControl;
    await tellPrivately(press.response_url, text);
  }
}
