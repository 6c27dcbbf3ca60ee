import type { Story } from './story.js';

export const story: Story = {
  title:
    "without the message-content intent a mention of the bot's role gets a request to mention the bot itself",
  on: 'discord',
  async tell({ chat }) {
    const role = [...chat.bot.guild.roles.values()].find(({ ofBot }) => ofBot !== undefined)!;
    const question = await chat.mentionless(`<@&${role.id}> What is this?`);
    expect((await question.answer()).shown).toMatch(/Please mention me/);
  },
};
