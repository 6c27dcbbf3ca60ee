import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'others cannot have an answer written again',
  on: 'messengers',
  async tell({ chat, model }) {
    const first = await (await chat.ask('What is this?', { pictures: [bat] })).answer();
    await first.press('Try again', 'Ben');
    expect(await chat.toldAlone('Ben')).toBe('Only the person who asked and moderators can do that.');
    expect(model.prompts).toHaveLength(1);
  },
};
