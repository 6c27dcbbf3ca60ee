import { oyster } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: "the picture in a link's preview is looked at",
  on: 'messengers',
  async tell({ chat }) {
    const preview = await chat.publish(oyster);
    const answer = await (await chat.ask('What is this?', { preview })).answer();
    expect(answer.text).toBe('It is an oyster.');
  },
};
