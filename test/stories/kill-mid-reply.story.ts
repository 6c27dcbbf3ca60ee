import { eventually } from '../support/eventually.js';
import { halfAnAnswer } from './half-an-answer.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a bot that was killed marks its half answer, and the next question has the whole conversation',
  on: 'messengers',
  asProcess: true,
  async tell({ chat, model }) {
    const { question, half } = await halfAnAnswer(chat, model);
    await chat.restart();
    await eventually(() => model.cancelled === 1);
    const next = await (await half.followUp('What is the background color?')).answer();
    expect(next.text).toBe('The background is white.');
    expect(model.prompts.at(-1)).toMatch(/<image>.*What is this\?.*It.*What is the background color\?/s);
    const marked = await question.answer();
    expect(marked.text.startsWith(half.text)).toBe(true);
    expect(marked.remarks).toEqual(['This answer broke off.']);
    expect(marked.buttons).toEqual(['Try again']);
  },
};
