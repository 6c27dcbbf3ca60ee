import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'who presses a button is told something in their own language',
  on: 'messengers',
  async tell({ chat, model }) {
    chat.meet('Greta', { language: 'de' });
    model.pause();
    const question = await chat.ask('What is this?', { pictures: [bat] });
    const growing = await question.until('the first words are there', ({ text }) => text !== '');
    await growing.press('Stop', 'Greta');
    expect(await chat.toldAlone('Greta')).toMatch(/^Das können nur die Person/);
  },
};
