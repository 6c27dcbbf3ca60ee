import { halfAnAnswer } from './half-an-answer.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'the Stop button below an answer of a killed bot becomes Try again',
  on: 'messengers',
  asProcess: true,
  async tell({ chat, model }) {
    const { question, half } = await halfAnAnswer(chat, model);
    await chat.restart();
    const broken = await question
      .until('the mark', ({ buttons }) => !buttons.includes('Stop') || chat.name === 'slack')
      .then(async (answer) => {
        if (answer.buttons.includes('Stop')) await half.press('Stop');
        return question.answer();
      });
    expect(broken.remarks).toEqual(['This answer broke off.']);
    expect((await (await broken.tryAgain()).answer()).text).not.toBe('');
  },
};
