import { setTimeout as delay } from 'node:timers/promises';

import { oyster } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a link preview that Discord adds after the message is looked at, although its update arrives empty',
  on: 'discord',
  async tell({ chat, model }) {
    const picture = await chat.publish(oyster);
    const question = await chat.ask('What is this? https://example.org/oysters');
    await delay(300);
    const { discord } = chat;
    discord.board.unfurl(question.asked, [
      { url: 'https://example.org/oysters', thumbnail: { url: picture } },
    ]);
    expect((await question.answer()).text).toContain('oyster');
    expect(model.prompts.at(-1)).toContain('What is this?');
  },
};
