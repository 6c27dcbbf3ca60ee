import type { Story } from './story.js';

export const story: Story = {
  title: "a message's menu says when there is no picture",
  on: 'messengers',
  async tell({ chat }) {
    const posted = await chat.post('Nothing to see.', { by: 'Ben' });
    await posted.choose('Describe this image');
    expect(await chat.toldAlone('Ada')).toBe('I found no picture here. Please attach one.');
  },
};
