import { halfAnAnswer } from './half-an-answer.js';
import type { Story } from './story.js';

export const story: Story = {
  title:
    'a question is answered that the bot meets while it marks half answers, before the gateway tells of it',
  on: 'discord',
  asProcess: true,
  async tell({ chat, model }) {
    const { question } = await halfAnAnswer(chat, model);
    await chat.restart();
    const letGo = chat.discord.gateway.holdBack();
    const next = await chat.ask('Hello?');
    await question.until('the mark', ({ buttons }) => !buttons.includes('Stop'));
    letGo();
    expect((await next.answer()).text).not.toBe('');
  },
};
