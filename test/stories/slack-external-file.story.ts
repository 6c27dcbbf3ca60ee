import type { Story } from './story.js';

export const story: Story = {
  title: 'files that are kept outside of Slack are not fetched, as that would take the token there',
  on: 'slack',
  async tell({ chat }) {
    const outside = {
      id: 'F0OUTSIDE',
      name: 'a.png',
      mimetype: 'image/png',
      url_private: 'https://example.com/a.png',
    };
    const message = await chat.person('Ada').mention(chat.conversation('general'), {
      text: 'What is this?',
      attachments: [{ is_share: true, files: [outside] }],
    });
    const answer = await chat.questionOf(message, 'Ada').answer();
    expect(answer.remarks).toContain('a.png: I do not fetch from this address.');
  },
};
