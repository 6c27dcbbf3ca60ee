import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'an answer is shown whole although the platform fails at an edit',
  on: 'messengers',
  async tell({ chat, model }) {
    const pause = model.pause();
    const question = await chat.ask('What is this?', { pictures: [bat] });
    await question.until('the first words are there', ({ text }) => text !== '');
    chat.failNextEdit();
    pause.end();
    expect((await question.answer()).text).toBe('It is a bat.');
  },
};
