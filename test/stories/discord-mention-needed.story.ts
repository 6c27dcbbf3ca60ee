import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: "a reply to a command's answer that Discord hands over empty is answered by how to be read",
  on: 'discord',
  async tell({ chat }) {
    const answer = await (await chat.describe(bat)).answer();
    const { id } = [...chat.discord.state.messages.values()].at(-1)!;
    const message = await chat.discord
      .user('Ben')
      .send(chat.channel('general'), { text: 'How big is it?', replyTo: { id } });
    const told = await chat.question({ message }, 'Ben').answer();
    expect(answer.text).not.toBe('');
    expect(told.shown).toBe('I cannot read this. Please mention me (@) in your message.');
  },
};
