import { z } from 'zod';
import { jsonText } from '../../foreign-json.js';

/** An image that a command, a shortcut or a modal named: how to find it again when the conversation goes on. */
const promptImage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('link'), url: z.string() }),
  z.object({
    kind: z.literal('file'),
    file: z.string(),
    name: z.string(),
    /** True for a file of a message that the asker saw, whatever Slack says of where it was shared. */
    shown: z.boolean().optional(),
  }),
]);

export type PromptImage = z.infer<typeof promptImage>;

/** A question that is not a message of its own, kept with its answer. */
const prompt = z.object({
  text: z.string(),
  wish: z.enum(['chat', 'alt-text']),
  images: z.array(promptImage),
});

export type Prompt = z.infer<typeof prompt>;

/**
 * What the bot keeps about each of its replies in the message's metadata, which Slack stores with the message and
 * does not show: the chat is the bot's only memory. `running` is written when a reply begins; a reply that still
 * says so and is not running any more broke off.
 */
const replyRecord = z.object({
  state: z.enum(['running', 'done', 'broken-off', 'notice']),
  question: z.string(),
  asker: z.string(),
  prompt: jsonText(prompt).optional(),
});

export type ReplyRecord = z.infer<typeof replyRecord>;

const eventType = 'minigpt4_chat_reply';

/** Slack takes nested values in metadata only one level deep, so the prompt travels as JSON. */
export function toMetadata({ state, question, asker, prompt }: ReplyRecord) {
  const event_payload = { state, question, asker, ...(prompt ? { prompt: JSON.stringify(prompt) } : {}) };
  return { event_type: eventType, event_payload };
}

/** The metadata of a message as Slack delivers it. */
interface WithMetadata {
  readonly metadata?: { readonly event_type: string; readonly event_payload: unknown } | undefined;
}

/** The record of one of the bot's messages; none on messages that it did not write as replies. */
export function recordOf(message: WithMetadata): ReplyRecord | undefined {
  if (message.metadata?.event_type !== eventType) return undefined;
  const record = replyRecord.safeParse(message.metadata.event_payload);
  return record.success ? record.data : undefined;
}

/** The id of a question that is a message. */
export function messageQuestionId(channel: string, ts: string): string {
  return `${channel}:${ts}`;
}

const control = z.object({ question: z.string(), asker: z.string() });

/** What a button carries: the answer it belongs to and who asked, so that it works after a restart. */
export type Control = z.infer<typeof control>;

export function readControl(value: string | undefined): Control {
  return jsonText(control).parse(value);
}
