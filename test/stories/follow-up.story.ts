import { oyster } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a follow-up without a picture goes on about the earlier one',
  on: 'everywhere',
  async tell({ chat }) {
    const first = await (await chat.ask('What is this?', { pictures: [oyster] })).answer();
    expect(first.text).toBe('It is an oyster.');
    const second = await (await first.followUp('What is the background color?', { by: 'Ben' })).answer();
    expect(second.text).toBe('The background is black.');
  },
};
