import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title:
    "the rest of a long answer to a command comes as ordinary messages when the token's fifteen minutes are over",
  on: 'discord',
  async tell({ chat, model }) {
    const sentences = Array.from({ length: 80 }, (_, index) => `Sentence number ${index} is about bats.`);
    const speech = model.speak().say(`${sentences.slice(0, 3).join(' ')} `);
    const question = await chat.describe(bat);
    await question.until('the first words are there', ({ text }) => text !== '');
    chat.discord.state.clock.advance(20 * 60_000);
    speech.say(sentences.slice(3).join(' ')).end();
    const answer = await question.until('the end', ({ buttons }) => buttons.includes('Good answer'));
    expect(answer.parts.length).toBeGreaterThan(1);
    expect(answer.parts.join(' ').replaceAll(/\s+/g, ' ')).toBe(sentences.join(' '));
  },
};
