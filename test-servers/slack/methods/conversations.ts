import { SlackApiError } from '../api-error.js';
import type { Arguments } from '../arguments.js';
import type { MethodContext, Methods } from '../method.js';
import { messagePayload } from '../payloads.js';
import type { Conversation, Message } from '../records.js';
import { historyScope } from '../scopes.js';

/** Reading conversations takes membership and the history scope of their kind. */
export const conversationMethods: Methods = {
  'conversations.info': {
    scopes: ['channels:read', 'groups:read', 'im:read', 'mpim:read'],
    tier: 3,
    run(args, { store }) {
      const conversation = store.conversations.get(args.required('channel'));
      if (conversation === undefined) throw new SlackApiError('channel_not_found');
      const { id, name, kind, members } = conversation;
      const is_member = members.has(store.bot.id);
      return { channel: { id, name, is_member, is_im: kind === 'im', is_private: kind !== 'channel' } };
    },
  },
  'conversations.history': {
    scopes: Object.values(historyScope),
    tier: 3,
    run(args, context) {
      const conversation = readable(args, context);
      const listed = context.store
        .history(conversation.id)
        .filter((message) => message.threadTs === undefined)
        .reverse();
      return page(listed.filter(withinTimes(args)), args, context);
    },
  },
  'conversations.replies': {
    scopes: Object.values(historyScope),
    tier: 3,
    run(args, context) {
      const conversation = readable(args, context);
      const ts = args.required('ts');
      const history = context.store.history(conversation.id);
      const named = history.find((message) => message.ts === ts);
      const root = named?.threadTs ?? ts;
      const thread = history.filter((message) => message.ts === root || message.threadTs === root);
      if (named === undefined && thread.length === 0) throw new SlackApiError('thread_not_found');
      return page(thread.filter(withinTimes(args, root)), args, context);
    },
  },
};

function readable(args: Arguments, { store, grantedScopes }: MethodContext): Conversation {
  const conversation = store.conversations.get(args.required('channel'));
  if (conversation === undefined) throw new SlackApiError('channel_not_found');
  const needed = historyScope[conversation.kind];
  if (!grantedScopes.has(needed)) throw new SlackApiError('missing_scope', { needed });
  if (!conversation.members.has(store.bot.id)) {
    throw new SlackApiError(conversation.kind === 'channel' ? 'not_in_channel' : 'channel_not_found');
  }
  return conversation;
}

/** A thread's first message is listed whatever the limits, as conversations.replies does. */
function withinTimes(args: Arguments, root?: string): (message: Message) => boolean {
  const latest = Number(args.text('latest') ?? Number.POSITIVE_INFINITY);
  const oldest = Number(args.text('oldest') ?? 0);
  const inclusive = args.flag('inclusive');
  return ({ ts }) => {
    const at = Number(ts);
    return ts === root || (at > oldest && at < latest) || (inclusive && (at === oldest || at === latest));
  };
}

function page(messages: readonly Message[], args: Arguments, { store, baseUrl }: MethodContext) {
  const limit = Math.min(args.count('limit', 100), 999) || 100;
  const start = Number(args.text('cursor') ?? 0);
  const more = start + limit < messages.length;
  return {
    messages: messages
      .slice(start, start + limit)
      .map((message) =>
        messagePayload(store, message, baseUrl(), { withMetadata: args.flag('include_all_metadata') }),
      ),
    has_more: more,
    response_metadata: { next_cursor: more ? String(start + limit) : '' },
  };
}
