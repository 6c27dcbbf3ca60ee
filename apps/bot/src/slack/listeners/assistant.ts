import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { Answering } from '../answering.js';
import type { People } from '../people.js';
import { toMetadata } from '../reply-record.js';

export const assistantThread = z.object({
  assistant_thread: z.object({ user_id: z.string(), channel_id: z.string(), thread_ts: z.string() }),
});

type AssistantThread = z.infer<typeof assistantThread>;

/** Greets in the assistant view and suggests what to ask. */
export class AssistantListener {
  constructor(
    private readonly client: WebClient,
    private readonly people: People,
    private readonly answering: Answering,
  ) {}

  async started({ assistant_thread: { user_id, channel_id, thread_ts } }: AssistantThread): Promise<void> {
    const { slack } = this.answering.words(await this.people.find(user_id));
    await this.client.chat.postMessage({
      channel: channel_id,
      thread_ts,
      text: slack.greeting,
      metadata: toMetadata({ state: 'notice', question: 'none', asker: user_id, prompt: undefined }),
    });
    await this.client.assistant.threads.setSuggestedPrompts({
      channel_id,
      thread_ts,
      prompts: [...slack.suggestions],
    });
  }
}
