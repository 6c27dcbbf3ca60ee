import type { AnyChunk, KnownBlock } from '@slack/types';
import { SlackApiError } from '../api-error.js';
import type { Arguments } from '../arguments.js';
import { checkBlocks, checkMarkdownText } from '../message-limits.js';
import type { MethodContext, Methods } from '../method.js';
import type { Message, StreamState } from '../records.js';
import { metadataOf, ownMessage, writableConversation } from './writable.js';

/** Slack finalises a stream that runs for about five minutes, or that gets no text for a long while. */
const streamLifetimeMs = 5 * 60_000;
const longestGapMs = 60_000;

/** Native text streaming (docs.slack.dev, chat.startStream, chat.appendStream, chat.stopStream). */
export const streamMethods: Methods = {
  'chat.startStream': {
    scopes: ['chat:write'],
    tier: 2,
    run(args, context) {
      const { store } = context;
      const conversation = writableConversation(args, context);
      if (conversation.kind !== 'im') {
        if (args.text('recipient_team_id') === undefined)
          throw new SlackApiError('missing_recipient_team_id');
        if (args.text('recipient_user_id') === undefined)
          throw new SlackApiError('missing_recipient_user_id');
      }
      const threadTs = args.required('thread_ts');
      if (store.find(conversation.id, threadTs) === undefined) throw new SlackApiError('invalid_thread_ts');
      const text = streamedText(args) ?? '';
      const message = store.addMessage({
        channel: conversation.id,
        author: store.bot.id,
        text,
        blocks: text === '' ? [] : [{ type: 'markdown', text }],
        threadTs,
        streamed: true,
      });
      return { channel: conversation.id, ts: message.ts };
    },
  },
  'chat.appendStream': {
    scopes: ['chat:write'],
    tier: 4,
    run(args, context) {
      const { message } = running(args, context);
      const text = streamedText(args);
      if (text === undefined) throw new SlackApiError('no_text');
      grow(context, message, text);
      return { channel: message.channel, ts: message.ts };
    },
  },
  'chat.stopStream': {
    scopes: ['chat:write'],
    tier: 2,
    run(args, context) {
      const { message, stream } = running(args, context);
      const blocks = args.json<readonly KnownBlock[]>('blocks') ?? [];
      checkBlocks(blocks);
      stream.state = 'finished';
      message.metadata = metadataOf(args);
      grow(context, message, streamedText(args) ?? '', blocks);
      void context.events.posted(message);
      return { channel: message.channel, ts: message.ts };
    },
  },
};

function running(args: Arguments, context: MethodContext): { message: Message; stream: StreamState } {
  const message = ownMessage(args, context, 'message_not_owned_by_app');
  const { stream } = message;
  if (stream?.state === 'stopped_by_user') throw new SlackApiError('stopped_by_user');
  if (stream?.state !== 'streaming') throw new SlackApiError('message_not_in_streaming_state');
  const now = Date.now();
  if (now - stream.startedAt > streamLifetimeMs || now - stream.lastAppendAt > longestGapMs) {
    stream.state = 'finished';
    throw new SlackApiError('message_not_in_streaming_state');
  }
  stream.lastAppendAt = now;
  return { message, stream };
}

/** The text of a call: `markdown_text`, or the markdown chunks that the SDK's own streamer sends. */
function streamedText(args: Arguments): string | undefined {
  const chunks = args.json<readonly AnyChunk[]>('chunks');
  const markdown = args.text('markdown_text');
  if (chunks !== undefined && markdown !== undefined) throw new SlackApiError('invalid_arguments');
  const text =
    chunks === undefined
      ? markdown
      : chunks.map((chunk) => (chunk.type === 'markdown_text' ? chunk.text : '')).join('');
  if (text !== undefined) checkMarkdownText(text);
  return text;
}

function grow(
  { store }: MethodContext,
  message: Message,
  text: string,
  closing: readonly KnownBlock[] = [],
): void {
  const whole = message.text + text;
  const streamed: KnownBlock[] = whole === '' ? [] : [{ type: 'markdown', text: whole }];
  store.rewrite(message, whole, [...streamed, ...closing]);
}
