import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'who votes is thanked, and nobody else sees it',
  on: 'messengers',
  async tell({ chat }) {
    const answer = await (await chat.ask('What is this?', { pictures: [bat] })).answer();
    await answer.press('Good answer', 'Ben');
    expect(await chat.toldAlone('Ben')).toMatch(/^Thank you/);
  },
};
