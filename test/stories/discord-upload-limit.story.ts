import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a picture that the server takes no file of its size for is described without being posted',
  on: 'discord',
  async tell({ chat }) {
    chat.bot.guild.uploadLimit = 100;
    const answer = await (await chat.describe(bat, 'What is this?')).answer();
    expect(answer.text).toBe('It is a bat.');
    expect(answer.remarks).toContain('The picture is too large to be posted here.');
  },
};
