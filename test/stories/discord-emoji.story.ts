import { bat, oyster } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: "the server's own emoji are looked at when a message is nothing else or asks about them",
  on: 'discord',
  async tell({ chat, model }) {
    chat.discord.cdn.draw('emojis', '21', 'png', oyster.bytes);
    const alone = await (await chat.ask('<:shelly:21>')).answer();
    expect(alone.text).toContain('oyster');
    const askedAbout = await (await chat.ask('What is this emoji? <:shelly:21>')).answer();
    expect(askedAbout.text).toContain('oyster');
    const besides = await (await chat.ask('What is this? <:shelly:21>', { pictures: [bat] })).answer();
    expect(besides.text).toContain('bat');
    expect(model.prompts.at(-1)).toContain('What is this? :shelly:');
  },
};
