import { eventually } from '../support/eventually.js';
import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'deleting the question cancels the answer on the model server',
  on: 'everywhere',
  async tell({ chat, model }) {
    model.pause();
    const question = await chat.ask('What is this?', { pictures: [bat] });
    await question.until('the first words are there', ({ text }) => text !== '');
    await question.withdraw();
    await eventually(() => model.cancelled === 1);
    await eventually(async () => /outcome="stopped"\S* 1/.test(await chat.metrics()));
  },
};
