import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'others cannot stop an answer, moderators can',
  on: 'messengers',
  async tell({ chat, model }) {
    chat.meet('Mo', { moderator: true });
    model.pause();
    const question = await chat.ask('What is this?', { pictures: [bat] });
    const growing = await question.until('the first words are there', ({ text }) => text !== '');
    await growing.press('Stop', 'Ben');
    expect(await chat.toldAlone('Ben')).toBe('Only the person who asked and moderators can do that.');
    expect(model.cancelled).toBe(0);
    await growing.press('Stop', 'Mo');
    expect((await question.answer()).remarks).toEqual(['Stopped.']);
  },
};
