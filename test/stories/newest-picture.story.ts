import { bat, oyster } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'the newest picture is the one asked about, and the earlier ones are said to be left out',
  on: 'everywhere',
  async tell({ chat, model }) {
    const first = await (await chat.ask('What is this?', { pictures: [bat] })).answer();
    expect(first.text).toBe('It is a bat.');
    const second = await (await first.followUp('What is this?', { pictures: [oyster] })).answer();
    expect(second.text).toBe('It is an oyster.');
    expect(second.remarks).toEqual([
      'I looked at the newest picture only: this model cannot tell several apart.',
    ]);
    expect(model.prompts.at(-1)?.match(/<image>/g)).toHaveLength(1);
  },
};
