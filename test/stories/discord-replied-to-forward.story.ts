import { oyster } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'the picture in a forwarded message that was replied to is found',
  on: 'discord',
  config: { discord: { readMessageContent: true } },
  async tell({ chat }) {
    const original = await chat.post('Look!', { by: 'Ben', pictures: [oyster], in: 'elsewhere' });
    const forwarded = await chat.post('', { by: 'Ben', forwards: original });
    const answer = await (await forwarded.askAbout('What is this?', 'Ada')).answer();
    expect(answer.text).toBe('It is an oyster.');
  },
};
