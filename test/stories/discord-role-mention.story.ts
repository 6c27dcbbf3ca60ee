import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: "a mention of the bot's own role asks the bot, and a mention of another role does not",
  on: 'discord',
  config: { discord: { readMessageContent: true } },
  async tell({ chat, model }) {
    const role = [...chat.bot.guild.roles.values()].find(({ ofBot }) => ofBot !== undefined)!;
    const other = chat.giveRole('Ben', 'Keepers');
    await chat.post(`<@&${other}> What is this?`, { by: 'Ada', pictures: [bat] });
    const question = await chat.mentionless(`<@&${role.id}> What is this?`, { pictures: [bat] });
    expect((await question.answer()).text).toBe('It is a bat.');
    expect(model.prompts).toHaveLength(1);
    expect(model.prompts[0]).not.toContain('@');
  },
};
