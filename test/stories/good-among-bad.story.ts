import { bat, renamedText } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'what is no picture does not keep the good picture beside it from being looked at',
  on: 'everywhere',
  async tell({ chat }) {
    const answer = await (await chat.ask('What is this?', { pictures: [renamedText, bat] })).answer();
    expect(answer.text).toBe('It is a bat.');
    expect(answer.remarks).toEqual(['notes.png: this is not a picture.']);
  },
};
