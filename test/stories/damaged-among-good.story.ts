import { bat, cutShort } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a picture that turns out damaged is left out, and the good one beside it is looked at',
  on: 'messengers',
  async tell({ chat }) {
    const answer = await (await chat.ask('What is this?', { pictures: [cutShort, bat] })).answer();
    expect(answer.text).toBe('It is a bat.');
    expect(answer.remarks).toEqual(['cut.png: the file is damaged.']);
  },
};
