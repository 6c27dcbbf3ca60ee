import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a command is answered for the asker alone where the bot is not in the channel',
  on: 'slack',
  async tell({ chat }) {
    const channel = chat.workspace.channel('elsewhere', [chat.person('Ada')], { withApp: false });
    const question = chat.questionFromNow(channel, 'Ada');
    await chat.person('Ada').slash(channel, '/describe', chat.slack.publicFile(bat));
    const answer = await question.answer();
    expect(answer.text).toMatch(/^The image shows a bat/);
    expect(answer.onlyFor).toBe('Ada');
  },
};
