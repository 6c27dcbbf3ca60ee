import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a conversation goes on although an earlier question was deleted',
  on: 'messengers',
  async tell({ chat, model }) {
    const first = await (await chat.ask('What is this?', { pictures: [bat] })).answer();
    const regretted = await first.followUp('Is this a secret?');
    const second = await regretted.answer();
    await regretted.withdraw();
    await (await second.followUp('How big is it?')).answer();
    expect(model.prompts.at(-1)).toContain('How big is it?');
    expect(model.prompts.at(-1)).not.toContain('secret');
  },
};
