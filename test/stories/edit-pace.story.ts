import type { Story } from './story.js';

export const story: Story = {
  title: 'an answer that grows for long is edited no faster than the platform allows',
  on: 'messengers',
  async tell({ chat, model }) {
    const speech = model.speak();
    const question = await chat.ask('Talk.');
    const talking = setInterval(() => speech.say('and so on '), 50);
    try {
      await question.until('there were several edits', ({ versions }) => versions.length > 6);
    } finally {
      clearInterval(talking);
      speech.end();
    }
    expect((await question.answer()).text).toMatch(/^and so on/);
    expect(chat.breaches()).toEqual([]);
  },
};
