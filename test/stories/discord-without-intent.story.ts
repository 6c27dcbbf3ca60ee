import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'without the message-content intent the bot says that it cannot see what was replied to',
  on: 'discord',
  async tell({ chat }) {
    const posted = await chat.post('Look!', { by: 'Ben', pictures: [bat] });
    const answer = await (await posted.askAbout('What is this?', 'Ada')).answer();
    expect(answer.remarks).toContain('I cannot see the message you replied to.');
  },
};
