import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'the Stop button below an answer of a killed bot becomes Try again',
  on: 'messengers',
  asProcess: true,
  async tell({ chat, model }) {
    model.pause();
    const question = await chat.ask('What is this?', { pictures: [bat] });
    const half = await question.until('half an answer', ({ text }) => text.startsWith('It'));
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
