import { heic } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: "a phone's HEIC photograph is refused by naming the formats that work",
  on: 'everywhere',
  async tell({ chat }) {
    const answer = await (await chat.ask('', { pictures: [heic] })).answer();
    expect(answer.remarks.join()).toMatch(/^IMG_0001\.heic: I cannot read HEIC files\. PNG, JPEG/);
  },
};
