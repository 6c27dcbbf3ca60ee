import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a picture without a word is described',
  on: 'everywhere',
  async tell({ chat }) {
    const answer = await (await chat.ask('', { pictures: [bat] })).answer();
    expect(answer.text).toMatch(/^The image shows a bat/);
  },
};
