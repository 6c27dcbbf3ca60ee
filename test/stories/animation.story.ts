import { animation } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'the first frame of an animation is used where the model looks at one picture, which is said',
  on: 'everywhere',
  async tell({ chat }) {
    const answer = await (await chat.ask('What is this?', { pictures: [await animation()] })).answer();
    expect(answer.text).toBe('It is a bat.');
    expect(answer.remarks).toEqual(['Only the first frame of the animation was used.']);
  },
};
