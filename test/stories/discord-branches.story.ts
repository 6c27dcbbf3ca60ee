import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a reply to an earlier answer branches the conversation, without what others say in between',
  on: 'discord',
  async tell({ chat, model }) {
    const root = await (await chat.ask('What is this?', { pictures: [bat] })).answer();
    await (await root.followUp('How big is it?')).answer();
    await chat.post('Never mind.', { by: 'Ben' });
    const branch = await (await root.followUp('What is the background color?', { by: 'Ben' })).answer();
    expect(branch.text).toBe('The background is white.');
    expect(model.prompts.at(-1)).toMatch(/What is this\?.*It is a bat\..*What is the background color\?/s);
    expect(model.prompts.at(-1)).not.toMatch(/How big|Never mind/);
  },
};
