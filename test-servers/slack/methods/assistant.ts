import { SlackApiError } from '../api-error.js';
import type { Arguments } from '../arguments.js';
import type { AssistantThread, MethodContext, Methods } from '../method.js';

const maxPrompts = 4;

/** What stands above the conversation with the app, and the status of its threads. */
export const assistantMethods: Methods = {
  'assistant.threads.setStatus': {
    scopes: ['assistant:write', 'chat:write'],
    tier: 3,
    run(args, context) {
      assistantThread(args, context, args.required('thread_ts')).statuses.push(args.text('status') ?? '');
      context.store.announce();
      return {};
    },
  },
  'assistant.threads.setTitle': {
    scopes: ['assistant:write'],
    tier: 3,
    run(args, context) {
      assistantThread(args, context, args.required('thread_ts')).title = args.required('title');
      return {};
    },
  },
  'assistant.threads.setSuggestedPrompts': {
    scopes: ['assistant:write'],
    tier: 3,
    run(args, context) {
      const prompts = args.json<AssistantThread['suggestedPrompts']>('prompts') ?? [];
      if (prompts.length === 0 || prompts.length > maxPrompts) throw new SlackApiError('invalid_arguments');
      // Without a thread they stand above the whole conversation, as agent_view has it.
      assistantThread(args, context, args.text('thread_ts') ?? '').suggestedPrompts = prompts;
      context.store.announce();
      return {};
    },
  },
};

function assistantThread(
  args: Arguments,
  { store, assistantThreads }: MethodContext,
  threadTs: string,
): AssistantThread {
  const channel = args.required('channel_id');
  if (!store.conversations.has(channel)) throw new SlackApiError('channel_not_found');
  const key = `${channel} ${threadTs}`;
  const thread = assistantThreads.get(key) ?? { statuses: [], suggestedPrompts: [] };
  assistantThreads.set(key, thread);
  return thread;
}
