import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a question with a picture is answered by a reply that grows and ends with buttons',
  on: 'everywhere',
  async tell({ chat }) {
    const question = await chat.ask('Describe this image in detail.', { pictures: [bat] });
    const answer = await question.answer();
    expect(answer.text).toMatch(/^The image shows a bat on a white background\./);
    expect(answer.versions.length).toBeGreaterThan(1);
    expect(answer.buttons).toEqual(['Try again', 'Good answer', 'Bad answer']);
    expect(answer.remarks).toEqual([]);
  },
};
