import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a picture that is larger than the operator allows is not fetched, and named',
  on: 'messengers',
  config: { images: { maxBytes: 1_000 } },
  async tell({ chat }) {
    const answer = await (await chat.ask('What is this?', { pictures: [bat] })).answer();
    expect(answer.remarks).toContain('bat.png: the picture is too large.');
  },
};
