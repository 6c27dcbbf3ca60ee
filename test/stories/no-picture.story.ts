import type { Story } from './story.js';

export const story: Story = {
  title: 'an answer for which no picture was looked at says so',
  on: 'everywhere',
  async tell({ chat, model }) {
    const answer = await (await chat.ask('What is this?')).answer();
    expect(answer.remarks).toEqual(['No picture was looked at for this answer.']);
    expect(model.prompts).toEqual(['Human: What is this?###Assistant: ']);
    const greeting = await (await chat.ask('Hello!')).answer();
    expect(greeting.remarks).toEqual([]);
  },
};
