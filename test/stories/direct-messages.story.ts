import { direct } from './chat-platform.js';
import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'in direct messages nobody has to mention the bot',
  on: 'messengers',
  async tell({ chat }) {
    const first = await (await chat.ask('What is this?', { pictures: [bat], in: direct })).answer();
    expect(first.text).toBe('It is a bat.');
    const second = await (await first.followUp('What is the background color?')).answer();
    expect(second.text).toBe('The background is white.');
  },
};
