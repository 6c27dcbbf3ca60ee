import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a mention that is added by an edit asks the bot, once; other edits do not ask again',
  on: 'discord',
  async tell({ chat, model }) {
    const { discord } = chat;
    const ada = discord.user('Ada');
    const bot = `<@${discord.state.botUser.id}>`;
    const question = await chat.mentionless('What is this?', { pictures: [bat] });
    await ada.edit(question.asked, `${bot} What is this?`);
    expect((await question.answer()).text).toBe('It is a bat.');
    await ada.edit(question.asked, `${bot} What is this, please?`);
    await chat.restart();
    await ada.edit(question.asked, `${bot} What is this, my friend?`);
    // Whoever asks next is answered after those before.
    await (await chat.ask('Hello?', { by: 'Ben' })).answer();
    expect(model.prompts.filter((prompt) => prompt.includes('What is this'))).toHaveLength(1);
  },
};
