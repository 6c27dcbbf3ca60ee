import { Injectable } from '@nestjs/common';
import { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { People } from '../conversation/people.js';
import { Answers } from './answers.js';

export const openedHome = z.object({ user: z.string(), channel: z.string(), tab: z.string().nullish() });

type OpenedHome = z.infer<typeof openedHome>;

/** Suggests what to ask, above the conversation with the app (Slack docs, "Developing agents": agent_view). */
@Injectable()
export class AgentViewListener {
  constructor(
    private readonly client: WebClient,
    private readonly people: People,
    private readonly answers: Answers,
  ) {}

  async suggestPrompts({ user, channel, tab }: OpenedHome): Promise<void> {
    if (tab !== 'messages') return;
    const { slack } = this.answers.wordsFor(await this.people.find(user));
    await this.client.assistant.threads.setSuggestedPrompts({
      channel_id: channel,
      title: slack.greeting,
      prompts: [...slack.suggestions],
    });
  }
}
