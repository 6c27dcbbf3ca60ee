import { eventually } from '../support/eventually.js';
import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'the asker stops an answer, and the model stops too',
  on: 'everywhere',
  async tell({ chat, model }) {
    model.pause();
    const question = await chat.ask('Describe this image in detail.', { pictures: [bat] });
    const growing = await question.until('the first words are there', ({ text }) => text.startsWith('The'));
    await growing.press('Stop');
    await eventually(() => model.cancelled === 1);
    // A page that was closed shows nothing more.
    if (chat.name === 'web') return;
    const stopped = await question.answer();
    expect(stopped.text.startsWith(growing.text)).toBe(true);
    expect(stopped.text).not.toContain('.');
    expect(stopped.remarks).toEqual(['Stopped.']);
    expect(stopped.buttons).toEqual(['Try again']);
  },
};
