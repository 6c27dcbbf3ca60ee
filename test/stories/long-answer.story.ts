import type { Story } from './story.js';

export const story: Story = {
  title: 'a long answer goes on in further messages, and no word of it is lost',
  on: 'messengers',
  async tell({ chat, model }) {
    const sentences = Array.from({ length: 160 }, (_, index) => `Sentence number ${index} is about bats.`);
    model.speak().say(sentences.join(' ')).end();
    const question = await chat.ask('Tell me all about bats.');
    const answer = await question.until('the end', ({ buttons }) => buttons.includes('Good answer'));
    expect(answer.parts.length).toBeGreaterThan(1);
    for (const part of answer.parts) expect(part).toMatch(/^Sentence number .*\.$/);
    expect(answer.parts.join(' ').replaceAll(/\s+/g, ' ')).toBe(sentences.join(' '));
  },
};
