import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'buttons and conversations go on after the bot was restarted',
  on: 'messengers',
  async tell({ chat, model }) {
    const first = await (await chat.ask('What is this?', { pictures: [bat] })).answer();
    await chat.restart();
    model.speak().say('A second thought.').end();
    const second = await (await first.tryAgain()).answer();
    expect(second.text).toBe('A second thought.');
    const third = await (await second.followUp('What is the background color?')).answer();
    expect(third.text).toBe('The background is white.');
  },
};
