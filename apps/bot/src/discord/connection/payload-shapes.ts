import { InteractionType, MessageReferenceType, MessageType } from 'discord.js';
import { z } from 'zod';

import { componentShape } from './component-shapes.js';
import {
  each,
  eachById,
  fields,
  type LeftOut,
  maybe,
  maybeFlag,
  maybeNumber,
  maybeText,
  snowflake,
} from './tolerant.js';

const userFields = {
  id: snowflake,
  username: maybeText,
  global_name: maybeText,
  discriminator: maybeText,
  avatar: maybeText,
  bot: maybeFlag,
  system: maybeFlag,
};
const user = fields(userFields);

const attachment = fields({
  id: snowflake,
  url: z.string(),
  filename: z.string().catch('file'),
  proxy_url: maybeText,
  size: maybeNumber,
  content_type: maybeText,
  description: maybeText,
  width: maybeNumber,
  height: maybeNumber,
  flags: maybe(z.int()),
});

const embeddedPicture = fields({ url: maybeText, proxy_url: maybeText }).refine(
  ({ url, proxy_url }) => url !== undefined || proxy_url !== undefined,
);

const embedField = fields({ name: z.string().catch(''), value: z.string().catch('') });

const pollText = fields({ text: maybeText });
const pollAnswer = fields({ answer_id: z.number(), poll_media: pollText.catch({ text: undefined }) });

const sticker = fields({ id: snowflake, name: z.string().catch('sticker'), format_type: z.number() });

const owners = z.record(z.string(), z.string()).catch({});

const interactionMetadata = fields({
  id: snowflake,
  type: z.number().catch(InteractionType.ApplicationCommand),
  user,
  authorizing_integration_owners: owners,
});

/** "If `type` is unset, DEFAULT can be assumed" (Discord docs, Message Reference Structure). */
const reference = fields({
  type: z.number().catch(MessageReferenceType.Default),
  channel_id: maybe(snowflake),
  message_id: maybe(snowflake),
  guild_id: maybe(snowflake),
});

const channel = fields({
  id: snowflake,
  type: z.number(),
  name: maybeText,
  guild_id: maybe(snowflake),
  parent_id: maybe(snowflake),
});

/** What of Discord's objects is read, and how; what discord.js could not construct is left out. */
export function payloadShapes(leftOut: LeftOut) {
  const ids = each(snowflake, 'id', leftOut);

  const member = fields({
    user: maybe(user),
    roles: ids.transform((roles) => roles ?? []),
    nick: maybeText,
    joined_at: maybeText,
    permissions: maybe(z.string().regex(/^\d+$/)),
    flags: maybe(z.int()),
  });

  const mention = fields({ ...userFields, member: maybe(member) });

  const embed = fields({
    type: maybeText,
    url: maybeText,
    title: maybeText,
    description: maybeText,
    author: maybe(fields({ name: maybeText })),
    fields: each(embedField, 'field', leftOut),
    footer: maybe(fields({ text: maybeText })),
    image: maybe(embeddedPicture),
    thumbnail: maybe(embeddedPicture),
  });

  const poll = fields({
    question: pollText.catch({ text: undefined }),
    answers: each(pollAnswer, 'answer of a poll', leftOut).transform((answers) => answers ?? []),
    expiry: maybeText,
  });

  /** What can be seen in a message. */
  const shown = {
    content: maybeText,
    attachments: each(attachment, 'attachment', leftOut),
    embeds: each(embed, 'embed', leftOut),
    components: each(componentShape(leftOut), 'component', leftOut),
    sticker_items: each(sticker, 'sticker', leftOut),
    type: maybeNumber,
    flags: maybe(z.int()),
    timestamp: maybeText,
    edited_timestamp: maybeText,
    mentions: each(mention, 'mention', leftOut),
    mention_roles: ids,
  };

  const snapshot = fields({ message: fields(shown) });

  const partial = {
    ...shown,
    id: snowflake,
    channel_id: snowflake,
    channel_type: maybeNumber,
    guild_id: maybe(snowflake),
    author: maybe(user),
    member: maybe(member),
    mention_everyone: maybeFlag,
    message_reference: maybe(reference),
    message_snapshots: each(snapshot, 'forwarded message', leftOut),
    webhook_id: maybe(snowflake),
    application_id: maybe(snowflake),
    interaction_metadata: maybe(interactionMetadata),
    poll: maybe(poll),
    nonce: maybe(z.union([z.string(), z.number()])),
    pinned: maybeFlag,
    tts: maybeFlag,
  };

  const whole = {
    ...partial,
    author: user,
    content: z.string().catch(''),
    type: z.number().catch(MessageType.Default),
  };

  /** A message without the one it replies to, as one that is replied to comes. */
  const single = fields(whole).transform(constructible);
  const message = fields({ ...whole, referenced_message: maybe(single) }).transform(constructible);
  const update = fields({ ...partial, referenced_message: maybe(single) })
    .transform(constructible)
    .transform(withoutHiddenContent);

  const option = fields({
    name: z.string(),
    type: z.number(),
    value: maybe(z.union([z.string(), z.number(), z.boolean()])),
  });

  const interaction = fields({
    id: snowflake,
    token: z.string(),
    type: z.number(),
    application_id: maybe(snowflake),
    version: maybeNumber,
    guild_id: maybe(snowflake),
    channel_id: maybe(snowflake),
    channel: maybe(channel),
    member: maybe(member),
    user: maybe(user),
    message: maybe(message),
    locale: z.string().catch('en-US'),
    guild_locale: maybeText,
    app_permissions: maybe(z.string().regex(/^\d+$/)),
    context: maybeNumber,
    attachment_size_limit: maybeNumber,
    authorizing_integration_owners: owners,
    entitlements: z.tuple([]).catch([]),
    data: fields({
      id: maybe(snowflake),
      name: maybeText,
      type: maybeNumber,
      target_id: maybe(snowflake),
      custom_id: maybeText,
      component_type: maybeNumber,
      options: each(option, 'option', leftOut),
      resolved: fields({
        attachments: eachById(attachment, 'attachment', leftOut),
        messages: eachById(message, 'message', leftOut),
      }).catch({ attachments: undefined, messages: undefined }),
    }),
  }).refine(({ user, member }) => user !== undefined || member?.user !== undefined);

  const deletion = fields({ id: snowflake, channel_id: snowflake, guild_id: maybe(snowflake) });
  const deletions = fields({
    ids: ids.transform((list) => list ?? []),
    channel_id: snowflake,
    guild_id: maybe(snowflake),
  });

  return { message, update, interaction, deletion, deletions };
}

export type PayloadShapes = ReturnType<typeof payloadShapes>;

interface Constructed extends Forward {
  readonly id: string;
  readonly channel_id: string;
  readonly poll?: object;
}

/** discord.js asks a message's channel for a poll's place, and that may be unknown to it. */
function constructible<Message extends Constructed>(message: Message): Message {
  const { id, channel_id, poll } = message;
  const placed = poll ? { ...message, poll: { ...poll, channel_id, message_id: id } } : message;
  return withReadableForward(placed);
}

interface Forward {
  readonly message_reference?: { readonly channel_id?: string; readonly message_id?: string };
  readonly message_snapshots?: readonly unknown[];
}

/** discord.js files what is forwarded under the id of the original, which therefore has to be known. */
function withReadableForward<Message extends Forward>(message: Message): Message {
  const { message_reference: from, message_snapshots: snapshots } = message;
  if (!snapshots || (from?.channel_id !== undefined && from.message_id !== undefined)) return message;
  const { message_snapshots: _, ...rest } = message;
  return rest as Message;
}

interface Hideable {
  readonly content?: string;
  readonly attachments?: readonly unknown[];
  readonly embeds?: readonly unknown[];
  readonly components?: readonly unknown[];
}

/**
 * An update in which everything is empty hides what there is from bots without the message-content intent; a message
 * that was readable stays so (Discord docs, Message Content Intent).
 */
function withoutHiddenContent<Update extends Hideable>(update: Update): Update {
  const { content, attachments, embeds, components, ...rest } = update;
  const isEmpty =
    !content && [attachments, embeds, components].every((list) => list === undefined || list.length === 0);
  return isEmpty ? (rest as Update) : update;
}
