import { animation } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'an animation is looked at from beginning to end by a model that tells several pictures apart',
  on: 'everywhere',
  async tell({ chat, model }) {
    model.manifest = { ...model.manifest, distinctImages: 3 };
    const question = await chat.ask('What is this?', { pictures: [await animation()] });
    const answer = await question.answer();
    expect(model.prompts.at(-1)?.match(/<image>/g)).toHaveLength(2);
    expect(answer.remarks).toEqual(['animation.gif is animated: I looked at its beginning and end.']);
  },
};
