import { direct } from './chat-platform.js';
import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'where Slack offers no streaming, direct messages are answered by edits from the start',
  on: 'slack',
  async tell({ chat }) {
    chat.slack.rates.refuseNext('chat.startStream', 1);
    const answer = await (await chat.ask('What is this?', { pictures: [bat], in: direct })).answer();
    expect(answer.text).toBe('It is a bat.');
  },
};
