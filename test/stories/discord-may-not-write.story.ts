import { PermissionFlagsBits } from 'discord.js';

import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'where the bot may not write it answers the asker alone',
  on: 'discord',
  async tell({ chat }) {
    const { discord } = chat;
    const channel = chat.channel('general');
    discord.deny(channel, PermissionFlagsBits.SendMessages);
    await chat.ask('What is this?', { pictures: [bat] });
    const told = await discord.until('Ada is answered', () =>
      discord
        .transcript(discord.directMessages(discord.user('Ada')))
        .find(
          ({ content, buttons }) =>
            content.startsWith('It is a bat.') && buttons.every(({ label }) => label !== 'Stop'),
        ),
    );
    expect(told.content).toContain(`I could not write in <#${channel.id}>, so I answer here.`);
    expect(chat.repliesIn('general')).toEqual([]);
  },
};
