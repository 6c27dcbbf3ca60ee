import type { Story } from './story.js';

export const story: Story = {
  title: 'a mention without words and pictures is answered by what to send',
  on: 'messengers',
  async tell({ chat, model }) {
    const answer = await (await chat.ask('')).answer();
    expect(answer.remarks).toEqual(['Send me a picture, or ask me something.']);
    expect(model.prompts).toEqual([]);
  },
};
