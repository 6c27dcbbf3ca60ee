import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'an answer goes on although the connection to the platform breaks',
  on: 'messengers',
  async tell({ chat, model }) {
    const pause = model.pause();
    const question = await chat.ask('What is this?', { pictures: [bat] });
    await question.until('the first words are there', ({ text }) => text !== '');
    await chat.breakConnection();
    pause.end();
    const answer = await question.answer();
    expect(answer.text).toBe('It is a bat.');
    expect((await (await answer.followUp('How big is it?')).answer()).text).toBe('It is large.');
  },
};
