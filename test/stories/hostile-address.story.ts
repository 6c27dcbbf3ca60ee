import type { Story } from './story.js';

export const story: Story = {
  title: "a link into the operator's own network is not fetched",
  on: 'messengers',
  async tell({ chat }) {
    const preview = 'https://169.254.169.254/latest/meta-data.png';
    const answer = await (await chat.ask('What is this?', { preview })).answer();
    expect(answer.remarks).toContain(`${preview}: I do not fetch from this address.`);
  },
};
