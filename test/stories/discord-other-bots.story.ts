import { PermissionFlagsBits } from 'discord.js';

import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'other bots, webhooks and calls to everyone are never answered',
  on: 'discord',
  config: { discord: { readMessageContent: true } },
  async tell({ chat, model }) {
    const { discord } = chat;
    const question = await chat.ask('What is this?', { pictures: [bat] });
    await question.answer();
    const [answer] = discord.repliesTo(question.asked);
    chat.giveRole('Boss', 'Bosses', PermissionFlagsBits.MentionEveryone);
    const machine = discord.machine('Robot');
    const channel = chat.channel('general');
    const thread = discord.user('Ada').openThread(await machine.send(channel, { text: 'News.' }), 'news');
    const asked = [
      machine.send(channel, { mention: 'bot', text: 'What is this?' }),
      machine.send(thread, { mention: 'bot', text: 'What is this?' }),
      machine.send(channel, { replyTo: answer!, text: 'Really?' }),
      discord.user('Boss').send(channel, { text: '@everyone Lunch!' }),
    ];
    const messages = await Promise.all(asked);
    await discord.webhook('Feed', channel, `<@${discord.state.botUser.id}> What is this?`);
    // Whoever asks next is answered after those before.
    await (await chat.ask('Hello?', { by: 'Ben' })).answer();
    expect(messages.flatMap((message) => discord.repliesTo(message))).toEqual([]);
    expect(model.prompts).toHaveLength(2);
  },
};
