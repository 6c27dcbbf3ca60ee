import { bat, oyster } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'several pictures are looked at together by a model that tells them apart',
  on: 'everywhere',
  async tell({ chat, model }) {
    model.manifest = { ...model.manifest, distinctImages: 2 };
    const question = await chat.ask('What is this?', { pictures: [bat, oyster] });
    const answer = await question.answer();
    expect(answer.text).not.toBe('');
    expect(answer.remarks).toEqual([]);
    expect(model.prompts.at(-1)?.match(/<image>/g)).toHaveLength(2);
  },
};
