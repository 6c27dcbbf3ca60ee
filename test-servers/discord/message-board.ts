import {
  type APIEmbed,
  type APIStickerItem,
  MessageFlags,
  MessageType,
  PermissionFlagsBits,
  RESTJSONErrorCodes,
} from 'discord.js';
import { attach, type Upload } from './cdn.js';
import { badRequest, forbidden, notFound } from './errors.js';
import { mentionsIn } from './mentions.js';
import { checkMessage, type MessageBody } from './message-rules.js';
import { channelPermissions, maySee, requirePermission, sendPermission } from './permissions.js';
import { checkAutoMod, checkOpen, checkRecipient, checkUploads, openByPost } from './refusals.js';
import type { Attachment, Channel, Message, MessageSnapshot, State } from './state.js';

/** Told of every change to a message that a client would draw. */
export interface MessageEvents {
  created(message: Message): void;
  updated(message: Message): void;
  /** A preview of a link was added. */
  unfurled(message: Message): void;
  deleted(message: Message): void;
}

/** The parts of a message that the sender's route decides, not the body. */
export interface SendOptions {
  readonly type?: MessageType;
  readonly snapshots?: readonly MessageSnapshot[];
  readonly stickers?: readonly APIStickerItem[];
  readonly byWebhook?: boolean;
  /** Set for answers to interactions, which need no permission in the channel. */
  readonly interaction?: { readonly id: string; readonly visibleOnlyTo: string | undefined };
}

const NONCE_LIFETIME_MS = 5 * 60 * 1000;
const OLD_MESSAGE_MS = 60 * 60 * 1000;
/** Edits an hour that Discord lets through on a message older than an hour, as observed; it names no number. */
const OLD_MESSAGE_EDITS = 3;

/** Sends, edits and deletes messages under Discord's rules, for the bot and for people alike. */
export class MessageBoard {
  constructor(
    private readonly state: State,
    private readonly events: MessageEvents,
  ) {}

  async send(
    channel: Channel,
    authorId: string,
    body: MessageBody,
    uploads: readonly Upload[],
    options: SendOptions = {},
  ): Promise<Message> {
    const { interaction } = options;
    if (!interaction && !options.byWebhook) this.checkMaySend(channel, authorId, body, uploads);
    checkRecipient(this.state, channel, authorId);
    checkUploads(this.state, channel, uploads);
    checkAutoMod(this.state, channel, authorId, body.content);
    const repeated = this.sameNonce(channel, authorId, body);
    if (repeated) return repeated;
    const original = this.repliedTo(channel, body);
    const flags = body.flags ?? 0;
    const attachments = await this.attachAll(uploads);
    const proposed = {
      content: body.content ?? '',
      embeds: body.embeds ?? [],
      components: body.components ?? [],
      flags,
    };
    if (!options.snapshots && !options.stickers) {
      checkMessage(
        { ...proposed, attachmentDescriptions: attachments.map((attachment) => attachment.description) },
        body.nonce,
      );
    }
    const mentions = mentionsIn(
      this.state,
      channel,
      authorId,
      proposed.content,
      original?.authorId,
      body.allowed_mentions,
    );
    const silent = (flags & MessageFlags.SuppressNotifications) !== 0;
    const message: Message = {
      ...proposed,
      id: this.state.snowflakes.next(),
      channelId: channel.id,
      authorId,
      type: options.type ?? (original ? MessageType.Reply : MessageType.Default),
      createdAt: this.state.clock.now(),
      nonce: body.nonce === null || body.nonce === undefined ? undefined : String(body.nonce),
      repliesTo: body.message_reference?.message_id,
      snapshots: options.snapshots ?? [],
      stickers: options.stickers ?? [],
      visibleOnlyTo: interaction?.visibleOnlyTo,
      interactionId: interaction?.id,
      attachments,
      mentionedUserIds: mentions.userIds,
      mentionedRoleIds: mentions.roleIds,
      mentionsEveryone: mentions.everyone,
      pinged: silent ? [] : mentions.pinged,
      editedAt: undefined,
      deletedAt: undefined,
      revisions: [],
    };
    this.record(message);
    this.state.messages.set(message.id, message);
    openByPost(channel);
    this.events.created(message);
    return message;
  }

  async edit(
    message: Message,
    editorId: string,
    body: MessageBody,
    uploads: readonly Upload[],
  ): Promise<Message> {
    if (message.authorId !== editorId) {
      throw forbidden(
        RESTJSONErrorCodes.CannotEditMessageAuthoredByAnotherUser,
        'Cannot edit a message authored by another user',
      );
    }
    this.checkOldEdits(message);
    const channel = this.state.channels.get(message.channelId)!;
    checkOpen(channel);
    checkAutoMod(this.state, channel, editorId, body.content);
    const v2 = message.flags & MessageFlags.IsComponentsV2;
    const flags = (body.flags ?? message.flags) | v2;
    const content = body.content === undefined ? message.content : (body.content ?? '');
    const embeds = body.embeds === undefined ? message.embeds : (body.embeds ?? []);
    const components = body.components === undefined ? message.components : (body.components ?? []);
    const attachments = [...this.keptAttachments(message, body), ...(await this.attachAll(uploads))];
    const attachmentDescriptions = attachments.map((attachment) => attachment.description);
    checkMessage({ content, embeds, components, flags, attachmentDescriptions });

    const repliedTo = this.state.messages.get(message.repliesTo ?? '');
    const mentions = mentionsIn(
      this.state,
      channel,
      message.authorId,
      content,
      repliedTo && message.mentionedUserIds.includes(repliedTo.authorId) ? repliedTo.authorId : undefined,
      body.allowed_mentions,
    );
    Object.assign(message, { content, embeds, components, flags, attachments });
    message.mentionedUserIds = mentions.userIds;
    message.mentionedRoleIds = mentions.roleIds;
    message.editedAt = this.state.clock.now();
    this.record(message);
    this.events.updated(message);
    return message;
  }

  /** Posts what somebody said by a webhook, which needs no permissions of its own and cannot reply. */
  async sendByWebhook(channel: Channel, webhookId: string, said: Message): Promise<Message> {
    const uploads = said.attachments.map(({ filename, bytes }) => ({ filename, bytes }));
    return this.send(channel, webhookId, { content: said.content }, uploads, { byWebhook: true });
  }

  /** Adds the previews that Discord's crawler made of a message's links. */
  unfurl(message: Message, embeds: readonly APIEmbed[]): void {
    message.embeds = [...message.embeds, ...embeds];
    this.events.unfurled(message);
  }

  delete(message: Message, deleterId: string): void {
    if (message.authorId !== deleterId) {
      const channel = this.state.channels.get(message.channelId)!;
      requirePermission(this.state, channel, deleterId, PermissionFlagsBits.ManageMessages);
    }
    message.deletedAt = this.state.clock.now();
    this.events.deleted(message);
  }

  /** A standing message of the channel, if the reader may see it. */
  find(channelId: string, messageId: string, readerId: string): Message {
    const channel = this.state.channels.get(channelId);
    if (!channel) throw notFound.channel();
    if (!maySee(this.state, channel, readerId)) {
      throw forbidden(RESTJSONErrorCodes.MissingAccess, 'Missing Access');
    }
    const message = this.state.messages.get(messageId);
    if (!message || message.channelId !== channelId || message.deletedAt !== undefined) {
      throw notFound.message();
    }
    return message;
  }

  private record(message: Message): void {
    message.revisions.push({
      at: this.state.clock.now(),
      content: message.content,
      components: message.components,
    });
  }

  private checkMaySend(
    channel: Channel,
    authorId: string,
    body: MessageBody,
    uploads: readonly Upload[],
  ): void {
    requirePermission(this.state, channel, authorId, sendPermission(channel));
    if (channel.locked) checkOpen(channel);
    if (uploads.length > 0) {
      requirePermission(this.state, channel, authorId, PermissionFlagsBits.AttachFiles);
    }
    const mayReadHistory =
      channelPermissions(this.state, channel, authorId) & PermissionFlagsBits.ReadMessageHistory;
    if (body.message_reference && !mayReadHistory) {
      throw forbidden(
        RESTJSONErrorCodes.CannotReplyWithoutPermissionToReadMessageHistory,
        'Cannot reply without permission to read message history',
      );
    }
  }

  /** With `enforce_nonce`, a nonce seen in the last minutes returns the message it made (Create Message). */
  private sameNonce(channel: Channel, authorId: string, body: MessageBody): Message | undefined {
    if (!body.enforce_nonce || body.nonce === null || body.nonce === undefined) return undefined;
    const since = this.state.clock.now() - NONCE_LIFETIME_MS;
    return [...this.state.messages.values()].find(
      (message) =>
        message.channelId === channel.id &&
        message.authorId === authorId &&
        message.nonce === String(body.nonce) &&
        message.createdAt > since,
    );
  }

  private repliedTo(channel: Channel, body: MessageBody): Message | undefined {
    if (!body.message_reference) return undefined;
    const original = this.state.messages.get(body.message_reference.message_id);
    const stands = original && original.channelId === channel.id && original.deletedAt === undefined;
    if (!stands && body.message_reference.fail_if_not_exists !== false) {
      throw badRequest(RESTJSONErrorCodes.InvalidFormBodyOrContentType, 'Unknown message');
    }
    return stands ? original : undefined;
  }

  private async attachAll(uploads: readonly Upload[]): Promise<Attachment[]> {
    return Promise.all(uploads.map((upload) => attach(this.state.snowflakes.next(), upload)));
  }

  /** An `attachments` list in an edit names those that stay and may set their descriptions (Edit Message). */
  private keptAttachments(message: Message, body: MessageBody): Attachment[] {
    if (!body.attachments) return message.attachments;
    return body.attachments.flatMap(({ id, description }) => {
      const attachment = message.attachments.find((one) => one.id === String(id));
      if (attachment && description !== undefined) attachment.description = description ?? undefined;
      return attachment ? [attachment] : [];
    });
  }

  private checkOldEdits(message: Message): void {
    const now = this.state.clock.now();
    if (now - message.createdAt < OLD_MESSAGE_MS) return;
    const recent = message.revisions.filter(({ at }) => at > now - OLD_MESSAGE_MS).length;
    if (recent >= OLD_MESSAGE_EDITS) {
      throw badRequest(
        RESTJSONErrorCodes.MaximumNumberOfEditsToMessagesOlderThanOneHourReached,
        'Maximum number of edits to messages older than 1 hour reached. Try again later',
      );
    }
  }
}
