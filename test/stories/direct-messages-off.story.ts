import { direct } from './chat-platform.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'direct messages can be switched off',
  on: 'messengers',
  config: { permissions: { directMessages: false } },
  async tell({ chat }) {
    const refused = await (await chat.ask('Hello?', { in: direct })).answer();
    expect(refused.remarks).toEqual(['I do not answer direct messages. Please ask me in a channel.']);
  },
};
