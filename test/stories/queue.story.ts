import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a second question in a conversation waits for the answer above',
  on: 'messengers',
  async tell({ chat, model }) {
    const pause = model.pause();
    const first = await chat.ask('What is this?', { pictures: [bat] });
    const growing = await first.until('the first words are there', ({ text }) => text !== '');
    const second = await growing.followUp('What is the background color?');
    await second.until('it waits', ({ shown }) =>
      shown.includes('I answer this as soon as the answer above is finished.'),
    );
    pause.end();
    expect((await first.answer()).text).toBe('It is a bat.');
    expect((await second.answer()).text).toBe('The background is white.');
  },
};
