import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'the picture behind an address in the question is looked at',
  on: 'messengers',
  async tell({ chat }) {
    const address = await chat.publish(bat);
    const answer = await (await chat.ask(`What is this? ${address}`)).answer();
    expect(answer.text).toBe('It is a bat.');
  },
};
