import { bat, oyster } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: '/describe alone is about the latest picture of the channel',
  on: 'slack',
  async tell({ chat }) {
    await chat.post('An old one.', { by: 'Ben', pictures: [oyster] });
    await chat.post('A new one.', { by: 'Ben', pictures: [bat] });
    await chat.post('Nice!', { by: 'Ada' });
    const answer = await (await chat.slash('/describe', '')).answer();
    expect(answer.text).toMatch(/^The image shows a bat/);
    expect(answer.shown).toContain('asked what this shows.');
  },
};
