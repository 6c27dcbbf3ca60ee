import { SlackApiError } from '../api-error.js';
import type { Arguments } from '../arguments.js';
import type { AssistantThread, MethodContext, Methods } from '../method.js';

const maxPrompts = 4;

/** The assistant view: status, title and suggested prompts of a thread in the app's direct messages. */
export const assistantMethods: Methods = {
  'assistant.threads.setStatus': {
    scopes: ['assistant:write', 'chat:write'],
    tier: 3,
    run(args, context) {
      assistantThread(args, context).statuses.push(args.text('status') ?? '');
      context.store.announce();
      return {};
    },
  },
  'assistant.threads.setTitle': {
    scopes: ['assistant:write'],
    tier: 3,
    run(args, context) {
      assistantThread(args, context).title = args.required('title');
      return {};
    },
  },
  'assistant.threads.setSuggestedPrompts': {
    scopes: ['assistant:write'],
    tier: 3,
    run(args, context) {
      const prompts = args.json<AssistantThread['suggestedPrompts']>('prompts') ?? [];
      if (prompts.length === 0 || prompts.length > maxPrompts) throw new SlackApiError('invalid_arguments');
      assistantThread(args, context).suggestedPrompts = prompts;
      context.store.announce();
      return {};
    },
  },
};

function assistantThread(args: Arguments, { store, assistantThreads }: MethodContext): AssistantThread {
  const channel = args.required('channel_id');
  if (!store.conversations.has(channel)) throw new SlackApiError('channel_not_found');
  const key = `${channel} ${args.required('thread_ts')}`;
  const thread = assistantThreads.get(key) ?? { statuses: [], suggestedPrompts: [] };
  assistantThreads.set(key, thread);
  return thread;
}
