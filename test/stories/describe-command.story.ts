import { oyster } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: '/describe answers a question for everybody, with the question above, and can be followed up',
  on: 'messengers',
  async tell({ chat }) {
    const first = await (await chat.describe(oyster, 'What is this?')).answer();
    expect(first.text).toBe('It is an oyster.');
    expect(first.shown).toMatch(/What is this\?.*It is an oyster\./s);
    expect(first.onlyFor).toBeUndefined();
    const second = await (await first.followUp('What is the background color?', { by: 'Ben' })).answer();
    expect(second.text).toBe('The background is black.');
  },
};
