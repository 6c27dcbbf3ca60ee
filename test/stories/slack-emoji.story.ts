import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: "the workspace's own emoji are pictures, where a message is nothing else or asks about them",
  on: 'slack',
  async tell({ chat, model }) {
    chat.slack.store.emoji.set('night-bird', await chat.publish(bat)).set('nb', 'alias:night-bird');
    expect((await (await chat.ask('What is :nb:?')).answer()).text).toMatch(/bat/);
    expect((await (await chat.ask(':night-bird:')).answer()).text).toMatch(/^The image shows a bat/);
    await (await chat.ask('Good morning :night-bird: everybody')).answer();
    expect(model.prompts.at(-1)).not.toContain('<image>');
  },
};
