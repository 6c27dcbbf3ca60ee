import { bat } from './pictures.js';
import type { Story } from './story.js';

const fourteenMinutes = 14 * 60_000;

export const story: Story = {
  title: 'where the bot is not, an answer ends with a word before its token does',
  on: 'discord',
  async tell({ chat, model }) {
    const { discord } = chat;
    const ada = discord.user('Ada');
    const together = discord.groupChat(ada, discord.user('Ben'));
    // On Discord's clock it is a while ago that the command came: the bot has ten seconds left for the first words.
    discord.state.clock.advance(-fourteenMinutes - 20_000);
    const image = { filename: bat.name, bytes: bat.bytes };
    model.speak().say('It is a');
    const interaction = await ada.command(together, 'describe', { image });
    const answer = await chat.question({ interaction }, 'Ada').answer();
    expect(answer.text).toBe('It is a');
    expect(answer.remarks).toContain('Stopped, as I cannot write here any longer.');
    expect(model.cancelled).toBe(1);
  },
};
