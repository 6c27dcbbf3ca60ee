import { oyster } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a question about the message of somebody else finds the picture there',
  on: 'messengers',
  config: { discord: { readMessageContent: true } },
  async tell({ chat }) {
    const posted = await chat.post('Look what I found.', { by: 'Ben', pictures: [oyster] });
    const answer = await (await posted.askAbout('What is this?', 'Ada')).answer();
    expect(answer.text).toBe('It is an oyster.');
    expect(answer.remarks).toEqual([]);
  },
};
