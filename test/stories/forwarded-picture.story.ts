import { direct } from './chat-platform.js';
import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a message that is passed on to the bot is looked at',
  on: 'messengers',
  async tell({ chat }) {
    const original = await chat.post('Look what I found.', { by: 'Ben', pictures: [bat] });
    const answer = await (await chat.ask('', { in: direct, forwards: original })).answer();
    expect(answer.text).toMatch(/^The image shows a bat/);
  },
};
