import { randomBytes } from 'node:crypto';

import { type Message, MessageFlags, type SendableChannels } from 'discord.js';

import type { EditSink, ReplyView } from '../../contract/index.js';
import type { Words } from '../../words/index.js';
import { Delivery, type DeliveryLog } from './delivery.js';
import type { EditPace } from './edit-pace.js';
import { findMissingPermissions } from './missing-permissions.js';
import { formatButtons, formatContent, maxAnswerLength } from './reply-format.js';

interface MessageReplyOptions {
  readonly words: Words;
  readonly pace: EditPace;
  readonly logger: DeliveryLog;
  /** Who asked: not always the author, who may be a webhook that speaks for them. */
  readonly askerId: string;
  /** The messages of an earlier answer, when it is to be replaced. */
  readonly earlier?: readonly Message[];
}

/** Answers a message with replies: the first to the question, each further one to the part before. */
export class MessageReply implements EditSink {
  readonly kind = 'edit';
  readonly maxLength = maxAnswerLength;
  private readonly parts: Message[];
  private readonly delivery: Delivery;
  /**
   * Names this attempt: a send that is repeated after a network failure does not appear twice (Discord docs, Create
   * Message), but another attempt is another message, also where an earlier one was deleted (discord-api-docs#6647).
   */
  private readonly attempt = randomBytes(9).toString('base64url');

  constructor(
    private readonly question: Message,
    private readonly channel: SendableChannels,
    private readonly options: MessageReplyOptions,
  ) {
    this.parts = [...(options.earlier ?? [])];
    this.delivery = new Delivery(placeInLog(question), options.logger);
  }

  interval(): number {
    return this.options.pace.interval(this.question.channelId);
  }

  async show(index: number, view: ReplyView): Promise<void> {
    const part = this.parts[index];
    this.parts[index] = await this.delivery.show(
      view,
      part === undefined,
      () => (part ? part.edit(this.format(view, part.channelId)) : this.post(index, view)),
      [
        { name: 'a message of its own', send: () => this.postAlone(view, part) },
        { name: 'a direct message', send: () => this.tellAsker(view) },
      ],
    );
    if (isLast(view)) await this.deleteAfter(index);
  }

  /** Deletes the answer, because it is given elsewhere. */
  async withdraw(): Promise<void> {
    for (const part of this.parts.splice(0)) await part.delete().catch(() => {});
  }

  private post(index: number, view: ReplyView): Promise<Message> {
    const before = this.parts[index - 1] ?? this.question;
    const isInReply = !this.delivery.without.has('reference');
    return this.channel.send({
      ...this.format(view),
      ...(isInReply && { reply: { messageReference: before, failIfNotExists: false } }),
      nonce: `${this.attempt}.${index}`,
      enforceNonce: true,
    });
  }

  /** A post opens an archived thread again, in which nothing can be edited. */
  private async postAlone(view: ReplyView, stuck: Message | undefined): Promise<Message> {
    const message = await this.channel.send(this.format(view));
    await stuck?.delete().catch(() => {});
    return message;
  }

  private async tellAsker(view: ReplyView): Promise<Message> {
    const asker = await this.question.client.users.fetch(this.options.askerId);
    const { id } = await asker.createDM();
    return asker.send({ ...this.format(view, id), flags: MessageFlags.SuppressEmbeds });
  }

  /** @param channelId where it is shown, when that is not where it was asked */
  private format(view: ReplyView, channelId = this.channel.id) {
    const { words, askerId } = this.options;
    const isElsewhere = channelId !== this.channel.id;
    const shown = this.delivery.without.has('text')
      ? { ...view, text: '', status: words.discord.moderated }
      : view;
    const notes = isElsewhere
      ? [...shown.notes, words.discord.answeredHere(`<#${this.channel.id}>`)]
      : shown.notes;
    // The question can only be found where it was asked.
    const actions = isElsewhere ? view.actions.filter((action) => action !== 'regenerate') : view.actions;
    return {
      content: formatContent({ ...shown, notes }, ''),
      components: formatButtons({ actions }, { questionId: this.question.id, askerId }, words),
    };
  }

  /** A new answer may be shorter than the one it replaces. */
  private async deleteAfter(index: number): Promise<void> {
    for (const part of this.parts.splice(index + 1)) await part.delete();
  }
}

/** The answer as the log names it, with what the operator can put right. */
function placeInLog({ id, channel }: Message): string {
  if (channel.isDMBased()) return `the answer to ${id}`;
  const missing = findMissingPermissions(channel);
  const needs = missing.length > 0 ? `, where the bot needs the permission ${missing.join(' and ')}` : '';
  return `the answer to ${id} in #${channel.name}${needs}`;
}

/** Only the last message of a finished reply has actions or a status. */
function isLast({ state, actions, status }: ReplyView): boolean {
  return state !== 'thinking' && state !== 'streaming' && (actions.length > 0 || status !== undefined);
}
