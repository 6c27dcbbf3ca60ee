import { oyster } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'pictures are fetched again when the addresses that Discord signed for a day have expired',
  on: 'discord',
  async tell({ chat }) {
    const first = await (await chat.ask('What is this?', { pictures: [oyster] })).answer();
    chat.discord.state.clock.advance(25 * 60 * 60_000);
    await chat.restart();
    const second = await (await first.followUp('What is the background color?')).answer();
    expect(second.text).toBe('The background is black.');
  },
};
