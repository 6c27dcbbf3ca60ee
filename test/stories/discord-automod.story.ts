import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: "what the server's AutoMod does not let through is replaced by a sentence that says so",
  on: 'discord',
  async tell({ chat, model }) {
    chat.bot.guild.blockedWords.push('bat');
    const answer = await (await chat.ask('What is this?', { pictures: [bat] })).answer();
    expect(answer.text).toBe('');
    expect(answer.remarks).toContain('The moderation of this server does not let my answer through.');
    expect(answer.buttons).toContain('Try again');
    chat.bot.guild.blockedWords.pop();
    model.speak().say('It is a bat.').end();
    expect((await (await answer.tryAgain()).answer()).text).toBe('It is a bat.');
  },
};
