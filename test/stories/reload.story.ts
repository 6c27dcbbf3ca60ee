import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a changed configuration is taken over while the bot runs',
  on: 'everywhere',
  async tell({ chat }) {
    const duration = expect.stringMatching(/^\d+\.\d s$/);
    const first = await (await chat.ask('What is this?', { pictures: [bat] })).answer();
    expect(first.remarks).toEqual([]);
    await chat.reconfigure({ answers: { showDuration: true } });
    const second = await (await chat.ask('What is this?', { pictures: [bat] })).answer();
    expect(second.remarks).toEqual([duration]);
    await chat.reconfigure({ images: { maxPerQuestion: 99 }, answers: { showDuration: false } });
    const third = await (await chat.ask('What is this?', { pictures: [bat] })).answer();
    expect(third.remarks).toEqual([duration]);
  },
};
