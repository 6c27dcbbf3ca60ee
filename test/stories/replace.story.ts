import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a second question stops the answer above when the operator wants it so',
  on: 'messengers',
  config: { conversation: { whenBusy: 'replace' } },
  async tell({ chat, model }) {
    model.pause();
    const first = await chat.ask('What is this?', { pictures: [bat] });
    const growing = await first.until('the first words are there', ({ text }) => text !== '');
    const second = await growing.followUp('What is the background color?');
    expect((await first.answer()).remarks).toEqual(['Stopped for your next question.']);
    expect((await second.answer()).text).toBe('The background is white.');
    expect(model.cancelled).toBe(1);
  },
};
