import { SlackApiError } from '../api-error.js';
import type { Arguments } from '../arguments.js';
import type { MethodContext } from '../method.js';
import type { Conversation, Message, MessageMetadata } from '../records.js';

/** The conversation a call writes to: the app must be in it. A person's id stands for the direct conversation. */
export function writableConversation(args: Arguments, { store }: MethodContext): Conversation {
  const id = args.required('channel');
  const person = store.people.get(id);
  const conversation = person === undefined ? store.conversations.get(id) : store.directMessages(person);
  if (conversation === undefined) throw new SlackApiError('channel_not_found');
  if (!conversation.members.has(store.bot.id)) {
    throw new SlackApiError(conversation.kind === 'channel' ? 'not_in_channel' : 'channel_not_found');
  }
  if (conversation.refuses !== undefined) throw new SlackApiError(conversation.refuses);
  return conversation;
}

/** The app's own message that a call names by channel and ts. */
export function ownMessage(args: Arguments, { store }: MethodContext, notOwn: string): Message {
  const channel = args.required('channel');
  const conversation = store.conversations.get(channel);
  if (conversation === undefined) throw new SlackApiError('channel_not_found');
  if (conversation.refuses !== undefined) throw new SlackApiError(conversation.refuses);
  const message = store.find(channel, args.required('ts'));
  if (message === undefined || message.visibleTo !== undefined) throw new SlackApiError('message_not_found');
  if (message.author !== store.bot.id) throw new SlackApiError(notOwn);
  return message;
}

/** The thread a message goes to: replying to a reply is replying to its thread. */
export function threadOf(args: Arguments, { store }: MethodContext, channel: string): string | undefined {
  const named = args.text('thread_ts');
  if (named === undefined) return undefined;
  const parent = store.find(channel, named);
  return parent?.threadTs ?? named;
}

/** The most that an app may hide in a message, as JSON (`metadata_too_large`). */
const maxMetadataLength = 8_000;

export function metadataOf(args: Arguments): MessageMetadata | undefined {
  const metadata = args.json<MessageMetadata>('metadata');
  if (metadata === undefined) return undefined;
  if (typeof metadata.event_type !== 'string') throw new SlackApiError('invalid_metadata_format');
  if (JSON.stringify(metadata).length > maxMetadataLength) throw new SlackApiError('metadata_too_large');
  return metadata;
}
