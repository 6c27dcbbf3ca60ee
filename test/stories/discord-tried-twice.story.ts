import type { Question } from './chat-platform.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a long answer that is tried again twice within minutes is whole each time, with its buttons',
  on: 'discord',
  async tell({ chat, model }) {
    const long = 'word '.repeat(450);
    model.speak().say(`1 ${long}`).end();
    const whole = (question: Question, length: number) =>
      question.until(
        'the answer is whole',
        ({ buttons, parts }) => parts.length === length && buttons.includes('Good answer'),
      );
    const first = await whole(await chat.ask('Tell me.'), 2);
    model.speak().say('2 Briefly.').end();
    const second = await whole(await first.tryAgain(), 1);
    expect(second.text).toBe('2 Briefly.');
    model.speak().say(`3 ${long}`).end();
    const third = await whole(await second.tryAgain(), 2);
    expect(third.parts).toHaveLength(2);
    expect(third.text.replaceAll(/\s+/g, ' ')).toBe(`3 ${long}`.trim());
    expect(third.buttons).toContain('Try again');
  },
};
