import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'of a long conversation the latest messages are read, which is said',
  on: 'messengers',
  config: { conversation: { maxMessages: 3 } },
  async tell({ chat }) {
    const first = await (await chat.ask('What is this?', { pictures: [bat] })).answer();
    const second = await (await first.followUp('How big is it?')).answer();
    const third = await (await second.followUp('What is the background color?')).answer();
    expect(third.remarks).toContain('I read only the last 3 messages.');
  },
};
