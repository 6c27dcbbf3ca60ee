import type { KnownBlock } from '@slack/types';
import { SlackApiError } from '../api-error.js';
import type { Arguments } from '../arguments.js';
import { checkBlocks, checkMarkdownText, checkUpdatedText, lengthLimits } from '../message-limits.js';
import type { Methods } from '../method.js';
import { messagePayload } from '../payloads.js';
import { metadataOf, ownMessage, threadOf, writableConversation } from './writable.js';

/** Posting, editing and deleting messages. */
export const chatMethods: Methods = {
  'chat.postMessage': {
    scopes: ['chat:write'],
    tier: 'posting',
    run(args, context) {
      const { store, events, baseUrl } = context;
      const conversation = writableConversation(args, context);
      const { text, blocks } = content(args);
      const message = store.addMessage({
        channel: conversation.id,
        author: store.bot.id,
        text: text.slice(0, lengthLimits.postedText),
        blocks,
        threadTs: threadOf(args, context, conversation.id),
        metadata: metadataOf(args),
      });
      void events.posted(message);
      return { channel: conversation.id, ts: message.ts, message: messagePayload(store, message, baseUrl()) };
    },
  },
  'chat.postEphemeral': {
    scopes: ['chat:write'],
    tier: 4,
    run(args, context) {
      const { store } = context;
      const conversation = writableConversation(args, context);
      const user = args.required('user');
      if (!conversation.members.has(user)) throw new SlackApiError('user_not_in_channel');
      const { text, blocks } = content(args);
      const threadTs = threadOf(args, context, conversation.id);
      const message = {
        channel: conversation.id,
        author: store.bot.id,
        text,
        blocks,
        threadTs,
        visibleTo: user,
      };
      return { message_ts: store.addMessage(message).ts };
    },
  },
  'chat.update': {
    scopes: ['chat:write'],
    tier: 3,
    run(args, context) {
      const message = ownMessage(args, context, 'cant_update_message');
      if (message.stream?.state === 'streaming') throw new SlackApiError('streaming_state_conflict');
      const { text, blocks } = content(args);
      checkUpdatedText(text);
      message.edited = true;
      context.store.rewrite(message, text, blocks, metadataOf(args));
      return { channel: message.channel, ts: message.ts, text };
    },
  },
  'chat.delete': {
    scopes: ['chat:write'],
    tier: 3,
    run(args, context) {
      const message = ownMessage(args, context, 'cant_delete_message');
      context.store.remove(message);
      return { channel: message.channel, ts: message.ts };
    },
  },
};

/** The text and blocks of a call; `markdown_text` stands alone and is shown as a markdown block. */
function content(args: Arguments): { text: string; blocks: readonly KnownBlock[] } {
  const markdown = args.text('markdown_text');
  const text = args.text('text');
  const blocks = args.json<readonly KnownBlock[]>('blocks') ?? [];
  if (markdown !== undefined) {
    if (text !== undefined || blocks.length > 0) throw new SlackApiError('markdown_text_conflict');
    checkMarkdownText(markdown);
    return { text: '', blocks: [{ type: 'markdown', text: markdown }] };
  }
  if ((text ?? '') === '' && blocks.length === 0) throw new SlackApiError('no_text');
  checkBlocks(blocks);
  return { text: text ?? '', blocks };
}
