import { cutShort } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a damaged picture is named in plain words',
  on: 'everywhere',
  async tell({ chat }) {
    const answer = await (await chat.ask('What is this?', { pictures: [cutShort] })).answer();
    expect(answer.remarks.join()).toMatch(/damaged/);
    expect(answer.shown).not.toMatch(/Error|at \w+ \(/);
  },
};
