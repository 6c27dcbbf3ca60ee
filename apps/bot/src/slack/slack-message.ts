import { z } from 'zod';

/** A file of a message, as far as the bot looks at it (Slack docs, "File object"). */
export const slackFile = z.object({
  id: z.string(),
  name: z.string().nullish(),
  mimetype: z.string().optional(),
  size: z.number().optional(),
  mode: z.string().optional(),
  user: z.string().optional(),
  url_private: z.string().optional(),
  url_private_download: z.string().optional(),
  is_public: z.boolean().optional(),
  channels: z.array(z.string()).default([]),
  groups: z.array(z.string()).default([]),
  ims: z.array(z.string()).default([]),
});

export type SlackFile = z.infer<typeof slackFile>;

/** An unfurled link, or a message that was shared into another. */
const slackAttachment = z.object({
  image_url: z.string().optional(),
  thumb_url: z.string().optional(),
  from_url: z.string().optional(),
  fallback: z.string().optional(),
  is_msg_unfurl: z.boolean().optional(),
  is_share: z.boolean().optional(),
  files: z.array(slackFile).default([]),
});

/** A message as events, shortcuts and conversations.replies carry it. Everything else in it is dropped here. */
export const slackMessage = z.object({
  ts: z.string(),
  thread_ts: z.string().optional(),
  parent_user_id: z.string().optional(),
  subtype: z.string().optional(),
  user: z.string().optional(),
  bot_id: z.string().optional(),
  text: z.string().default(''),
  files: z.array(slackFile).default([]),
  attachments: z.array(slackAttachment).default([]),
  blocks: z.array(z.looseObject({ type: z.string() })).default([]),
  metadata: z.object({ event_type: z.string(), event_payload: z.unknown() }).optional(),
});

export type SlackMessage = z.infer<typeof slackMessage>;

/** A message event or a mention: the message and where it was written. */
export const postedMessage = slackMessage.extend({
  channel: z.string(),
  channel_type: z.string().optional(),
});

export type PostedMessage = z.infer<typeof postedMessage>;

/** Slack's ids of direct conversations begin with D. */
export function isDirect(channel: string): boolean {
  return channel.startsWith('D');
}
