import { bat } from './pictures.js';
import { toFile } from './platforms/slack-messages.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'other bots are never answered: neither a message, nor a mention, nor in a thread with the bot',
  on: 'slack',
  async tell({ chat, model }) {
    const weather = chat.workspace.otherBot('Weather');
    const channel = chat.conversation('general');
    channel.members.add(weather.id);
    await weather.post(channel, { text: 'Rain.' });
    await weather.mention(channel, { text: 'What is this?', files: [toFile(bat)] });
    const first = await (await chat.ask('What is this?', { pictures: [bat] })).answer();
    expect(first.text).toBe('It is a bat.');
    await weather.post(channel, { text: 'Sun.', thread: chat.lastReply('general') });
    const ownThread = await weather.post(channel, { text: 'Hail?' });
    await weather.mention(channel, { text: 'Snow?', thread: ownThread });
    await (await first.followUp('How big is it?')).answer();
    expect(model.prompts).toHaveLength(2);
    expect(chat.repliesIn('general')).toHaveLength(2);
  },
};
