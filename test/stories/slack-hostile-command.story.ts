import type { Story } from './story.js';

export const story: Story = {
  title: "/describe with an address in the operator's own network fetches nothing",
  on: 'slack',
  async tell({ chat }) {
    const answer = await (await chat.slash('/describe', 'https://169.254.169.254/latest/meta-data')).answer();
    expect(answer.shown).toContain('I do not fetch from this address.');
  },
};
