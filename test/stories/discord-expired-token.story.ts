import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: "an answer to a command is finished although its fifteen minutes' token has expired",
  on: 'discord',
  async tell({ chat, model }) {
    const pause = model.pause();
    const question = await chat.describe(bat, 'What is this?');
    await question.until('the first words are there', ({ text }) => text !== '');
    chat.discord.state.clock.advance(20 * 60_000);
    pause.end();
    expect((await question.answer()).text).toBe('It is a bat.');
  },
};
