import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'how long the answer took stands below it when the operator wants it',
  on: 'everywhere',
  config: { answers: { showDuration: true } },
  async tell({ chat }) {
    const answer = await (await chat.ask('What is this?', { pictures: [bat] })).answer();
    expect(answer.remarks).toEqual([expect.stringMatching(/^\d+\.\d s$/)]);
  },
};
