import { oyster } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: "alt text can be had from any message's menu",
  on: 'messengers',
  async tell({ chat }) {
    const posted = await chat.post('Look!', { by: 'Ben', pictures: [oyster] });
    const answer = await (await posted.choose('Alt text')).answer();
    expect(answer.text).toMatch(/oyster/i);
    expect(answer.onlyFor).toBe('Ada');
  },
};
