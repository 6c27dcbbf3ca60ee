import { PermissionFlagsBits } from 'discord.js';

import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a bot that may not reply, for want of the history, answers in the channel',
  on: 'discord',
  async tell({ chat }) {
    const channel = chat.channel('general');
    chat.discord.deny(channel, PermissionFlagsBits.ReadMessageHistory);
    await chat.ask('What is this?', { pictures: [bat] });
    const answer = await chat.discord.until('there is an answer', () =>
      chat
        .repliesIn('general')
        .find(({ text, buttons }) => text === 'It is a bat.' && !buttons.includes('Stop')),
    );
    expect(answer.buttons).toContain('Try again');
  },
};
