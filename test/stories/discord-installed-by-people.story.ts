import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'people who installed the bot for themselves use it where the bot is not',
  on: 'discord',
  async tell({ chat }) {
    const { discord } = chat;
    const ada = discord.user('Ada');
    const together = discord.groupChat(ada, discord.user('Ben'));
    const elsewhere = discord.textChannel(discord.guild('Other server', { botInstalled: false }));
    discord.user('Ada');
    for (const place of [together, elsewhere]) {
      const image = { filename: bat.name, bytes: bat.bytes };
      const interaction = await ada.command(place, 'describe', { image, question: 'What is this?' });
      expect((await chat.question({ interaction }, 'Ada').answer()).text).toBe('It is a bat.');
    }
  },
};
