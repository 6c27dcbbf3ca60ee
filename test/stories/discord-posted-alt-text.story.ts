import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'the picture that /describe posts again has the answer as its alt text',
  on: 'discord',
  async tell({ chat }) {
    const answer = await (await chat.describe(bat)).answer();
    const attachments = [...chat.discord.state.messages.values()].flatMap(({ attachments }) => attachments);
    expect(attachments.map(({ description }) => description)).toEqual([answer.text]);
  },
};
