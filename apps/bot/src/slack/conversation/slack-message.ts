import { Injectable, Logger } from '@nestjs/common';
import { z } from 'zod';
import { wrongField } from '../../foreign-json.js';
import { Metrics } from '../../metrics/metrics.js';
import { blockText, joinLines, type SlackBlock, slackBlock, withUnicodeEmoji } from './block-text.js';

/** A field of foreign data: null, absent or of another type, it says nothing. */
export function maybe<Schema extends z.ZodType>(schema: Schema) {
  return schema.optional().catch(undefined);
}

interface Items<Item> {
  readonly items: readonly Item[];
  /** What could not be read, each by its kind and the field that is wrong; never with its content. */
  readonly leftOut: readonly string[];
}

const nothing: Items<never> = { items: [], leftOut: [] };

/** A list of foreign things, read item by item: one that cannot be read takes no other with it. */
export function itemsOf<Schema extends z.ZodType>(kind: string, item: Schema) {
  return z
    .array(z.unknown())
    .nullish()
    .transform((values): Items<z.output<Schema>> => {
      const items: z.output<Schema>[] = [];
      const leftOut: string[] = [];
      for (const value of values ?? []) {
        const read = item.safeParse(value);
        if (read.success) items.push(read.data);
        else leftOut.push(`${kind}: ${wrongField(read.error)}`);
      }
      return { items, leftOut };
    })
    .catch({ ...nothing, leftOut: [`${kind}: no list`] });
}

/** A file of a message, as far as the bot looks at it (Slack docs, "File object"). */
export const slackFile = z.object({
  id: z.string(),
  name: maybe(z.string()),
  mimetype: maybe(z.string()),
  size: maybe(z.number()),
  mode: maybe(z.string()),
  file_access: maybe(z.string()),
  user: maybe(z.string()),
  url_private: maybe(z.string()),
  url_private_download: maybe(z.string()),
  is_public: maybe(z.boolean()),
  channels: z.array(z.string()).catch([]),
  groups: z.array(z.string()).catch([]),
  ims: z.array(z.string()).catch([]),
});

export type SlackFile = z.infer<typeof slackFile>;

/** An unfurled link, a message that was shared into another, or what another app attached. */
const slackAttachment = z
  .object({
    image_url: maybe(z.string()),
    thumb_url: maybe(z.string()),
    from_url: maybe(z.string()),
    pretext: maybe(z.string()),
    author_name: maybe(z.string()),
    title: maybe(z.string()),
    text: maybe(z.string()),
    footer: maybe(z.string()),
    fallback: maybe(z.string()),
    is_msg_unfurl: maybe(z.boolean()),
    fields: itemsOf('field', z.object({ title: z.string().catch(''), value: z.string().catch('') })),
    files: itemsOf('file', slackFile),
    blocks: itemsOf('block', slackBlock),
    message_blocks: itemsOf(
      'shared message',
      z.object({ message: z.object({ blocks: itemsOf('block', slackBlock) }) }),
    ),
  })
  .transform(({ files, blocks, message_blocks, fields, ...attachment }) => {
    const shared = message_blocks.items.map(({ message }) => message.blocks);
    return {
      ...attachment,
      fields: fields.items,
      files: files.items,
      blocks: [blocks, ...shared].flatMap(({ items }) => items),
      leftOut: [files, message_blocks, blocks, fields, ...shared].flatMap(({ leftOut }) => leftOut),
    };
  });

type SlackAttachment = z.infer<typeof slackAttachment>;

const messageFields = {
  ts: z.string(),
  thread_ts: maybe(z.string()),
  parent_user_id: maybe(z.string()),
  subtype: maybe(z.string()),
  user: maybe(z.string()),
  bot_id: maybe(z.string()),
  text: z.string().catch(''),
  files: itemsOf('file', slackFile),
  attachments: itemsOf('attachment', slackAttachment),
  blocks: itemsOf('block', slackBlock),
  metadata: maybe(z.object({ event_type: z.string(), event_payload: z.unknown() })),
};

type RawMessage = z.infer<z.ZodObject<typeof messageFields>>;

/** Takes the lists apart into what was read and what was not. */
function toMessage<Raw extends RawMessage>({ files, attachments, blocks, ...message }: Raw) {
  const read = { attachments: attachments.items, blocks: blocks.items };
  return {
    ...message,
    ...read,
    ...wordsOf({ ...message, ...read }),
    files: files.items,
    leftOut: [
      ...[files, attachments, blocks].flatMap(({ leftOut }) => leftOut),
      ...attachments.items.flatMap(({ leftOut }) => leftOut),
    ],
  };
}

interface Written extends Pick<RawMessage, 'text' | 'bot_id'> {
  readonly blocks: readonly SlackBlock[];
  readonly attachments: readonly SlackAttachment[];
}

/**
 * What people read of a message, in Slack's markup: its own words, and what it only shows. What people write is in the
 * text, and in blocks too, where alone tables are; what apps write is in blocks, whose text is for notifications. What is
 * attached was shared, pasted or made by an app, and calls nobody, unless it is all that an app says.
 */
function wordsOf({ text, bot_id, blocks, attachments }: Written): { text: string; quoted: string } {
  const ofBlocks = blockText(blocks);
  const tables = blockText(blocks.filter(({ type }) => type === 'table'));
  const written = joinLines([withUnicodeEmoji(text, blocks), bot_id === undefined ? tables : '']);
  const said = ofBlocks !== '' && (bot_id !== undefined || text.trim() === '') ? ofBlocks : written;
  const attached = joinLines(attachments.filter(isShown).map(attachmentText));
  return bot_id !== undefined && said === ''
    ? { text: attached, quoted: '' }
    : { text: said, quoted: attached };
}

/** Not a preview of an address, which people made or will make Slack show. */
function isShown({ from_url, is_msg_unfurl }: SlackAttachment): boolean {
  return from_url === undefined || is_msg_unfurl === true;
}

/** The fallback is for programs that show nothing else of it, and describes pictures. */
function attachmentText(attachment: SlackAttachment): string {
  const { pretext, author_name, title, text, blocks, fields, footer, fallback } = attachment;
  const isPicture = (attachment.image_url ?? attachment.thumb_url) !== undefined;
  const shown = joinLines([
    pretext ?? '',
    author_name ?? '',
    title ?? '',
    text || blockText(blocks),
    ...fields.flatMap((field) => [field.title, field.value]),
    footer ?? '',
  ]);
  return shown || isPicture ? shown : (fallback ?? '');
}

/** A message as events, shortcuts and conversations.replies carry it. Everything else in it is dropped here. */
export const slackMessage = z.object(messageFields).transform(toMessage);

export type SlackMessage = z.infer<typeof slackMessage>;

/** A message event or a mention: the message and where it was written. */
export const postedMessage = z.object({ ...messageFields, channel: z.string() }).transform(toMessage);

export type PostedMessage = z.infer<typeof postedMessage>;

/** Slack's ids of direct conversations begin with D. */
export function isDirect(channel: string): boolean {
  return channel.startsWith('D');
}

/** Slack itself, which speaks of deleted messages, invitations and reminders. */
export function isSlackItself(user: string | undefined): boolean {
  return user === 'USLACK' || user === 'USLACKBOT';
}

/** Counts what Slack delivers and cannot be read, and says so once for each kind, without what it holds. */
@Injectable()
export class UnreadableItems {
  private readonly said = new Set<string>();

  constructor(
    private readonly metrics: Metrics,
    private readonly logger: Logger,
  ) {}

  /** @param leftOut each by its kind and the field that is wrong, such as "file: id, not string" */
  report(leftOut: readonly string[]): void {
    for (const what of leftOut) {
      this.metrics.countUnreadable('slack');
      if (this.said.has(what)) continue;
      this.said.add(what);
      this.logger.warn(`Slack sent what cannot be read and is left out (${what}).`);
    }
  }
}
