import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'alt text is for the asker, short, and made to be pasted',
  on: 'everywhere',
  async tell({ chat }) {
    const answer = await (await chat.altText(bat)).answer();
    expect(answer.text).toMatch(/bat/i);
    expect(answer.text.length).toBeLessThanOrEqual(chat.altTextLength);
    if (chat.name !== 'web') expect(answer.onlyFor).toBe('Ada');
  },
};
