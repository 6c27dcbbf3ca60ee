import { eventually } from '../support/eventually.js';
import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'votes are counted for the operator',
  on: 'everywhere',
  async tell({ chat }) {
    const answer = await (await chat.ask('What is this?', { pictures: [bat] })).answer();
    await answer.press('Good answer');
    await answer.press('Bad answer');
    const counted = (vote: string) => `minigpt4_bot_feedback_total{platform="${chat.name}",vote="${vote}"} 1`;
    await eventually(async () => (await chat.metrics()).includes(counted('up')));
    await eventually(async () => (await chat.metrics()).includes(counted('down')));
  },
};
