import { bat, oyster, unique } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'pictures beyond the cap are named in a warning',
  on: 'everywhere',
  config: { images: { maxPerQuestion: 2 } },
  async tell({ chat, model }) {
    model.manifest = { ...model.manifest, distinctImages: 4 };
    const third = { ...bat, name: 'third.png', bytes: unique(bat).bytes };
    const question = await chat.ask('What is this?', { pictures: [bat, oyster, third] });
    const answer = await question.answer();
    expect(answer.remarks).toEqual(['I look at 2 pictures at a time. Not looked at: third.png.']);
    expect(model.prompts.at(-1)?.match(/<image>/g)).toHaveLength(2);
  },
};
