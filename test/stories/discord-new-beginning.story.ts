import { direct } from './chat-platform.js';
import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'in direct messages a mention of the bot begins a new conversation',
  on: 'discord',
  async tell({ chat, model }) {
    await (await chat.ask('What is this?', { pictures: [bat], in: direct })).answer();
    await (await chat.ask('How big is it?', { in: direct })).answer();
    expect(model.prompts.at(-1)).toContain('What is this?');
    const mention = `<@${chat.discord.state.botUser.id}>`;
    await (await chat.ask(`${mention} Something else?`, { in: direct })).answer();
    expect(model.prompts.at(-1)).not.toContain('What is this?');
  },
};
