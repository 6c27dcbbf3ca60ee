import type { Story } from './story.js';

export const story: Story = {
  title: 'a question that alone is too long for the model is refused in plain words',
  on: 'everywhere',
  async tell({ chat }) {
    const answer = await (await chat.ask('💥'.repeat(900))).answer();
    expect(answer.remarks).toEqual(['That is too long for me. Please ask in fewer words.']);
  },
};
