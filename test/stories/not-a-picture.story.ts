import { renamedText } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a text file that is called .png is recognised',
  on: 'everywhere',
  async tell({ chat }) {
    const answer = await (await chat.ask('What is this?', { pictures: [renamedText] })).answer();
    expect(answer.remarks).toContain('notes.png: this is not a picture.');
  },
};
