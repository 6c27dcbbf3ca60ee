import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a question that a proxy bot deletes and posts again by webhook is answered there, once',
  on: 'discord',
  async tell({ chat, model }) {
    const { discord } = chat;
    for (const order of ['posted first', 'deleted first'] as const) {
      const pause = model.pause();
      const question = await chat.ask('What is this?', { pictures: [bat] });
      await question.until('the first words are there', ({ text }) => text !== '');
      const copy = await discord.proxy(question.asked, 'Alter', order);
      const answer = await chat.question({ message: copy }, 'Ada').answer();
      expect(answer.text).toBe('It is a bat.');
      await discord.until('the broken answer is gone', () =>
        discord.repliesTo(question.asked).every(({ deletedAt }) => deletedAt !== undefined),
      );
      // The buttons are still those of the person who asked.
      model.speak().say('A second thought.').end();
      expect((await (await answer.tryAgain('Ada')).answer()).text).toBe('A second thought.');
      pause.end();
    }
  },
};
