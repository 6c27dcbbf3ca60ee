import { type Client, SnowflakeUtil } from 'discord.js';
import { Settings } from '../../config/settings.js';
import type { Chat } from '../../contract/index.js';
import { InterruptedAnswers } from './interrupted-answers.js';

const minutesAgo = (minutes: number) =>
  String(SnowflakeUtil.generate({ timestamp: Date.now() - minutes * 60_000 }));

describe('after a restart', () => {
  it('the channels where something was just said are looked through, and no others', async () => {
    const looked: string[] = [];
    const channel = (name: string, lastMessageId: string | null, isText = true) => ({
      isTextBased: () => isText,
      lastMessageId,
      messages: {
        fetch: async () => {
          looked.push(name);
          if (name === 'hidden') throw new Error('Missing Access');
          return new Map();
        },
      },
    });
    const channels = [
      channel('a category', null, false),
      channel('voices', minutesAgo(1), false),
      channel('empty', null),
      channel('long ago', minutesAgo(16)),
      channel('hidden', minutesAgo(1)),
      channel('recent', minutesAgo(14)),
    ];
    const client = { channels: { cache: new Map(channels.entries()) } } as unknown as Client<true>;
    await new InterruptedAnswers({} as Chat, Settings.parse({}, {}).config).markAfterRestart(client);
    expect(looked).toEqual(['hidden', 'recent']);
  });
});
