import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title:
    'an answer in a thread that is archived meanwhile is posted anew, in one that is locked sent to the asker',
  on: 'discord',
  async tell({ chat, model }) {
    const { discord } = chat;
    for (const locked of [false, true]) {
      const name = locked ? 'locked' : 'archived';
      const thread = chat.channel(chat.openThread(await chat.post('Look.'), name));
      const pause = model.pause();
      const question = await chat.ask('What is this?', { pictures: [bat], in: name });
      await question.until('the first words are there', ({ text }) => text !== '');
      Object.assign(thread, { archived: true, locked });
      pause.end();
      const place = locked ? discord.directMessages(discord.user('Ada')) : thread;
      const answer = await discord.until('there is an answer', () =>
        discord
          .transcript(place)
          .find(({ author, content }) => author === 'Lumen' && content.startsWith('It is a bat.')),
      );
      expect(answer.buttons.map(({ label }) => label)).not.toContain('Stop');
      if (locked) expect(answer.content).toContain(`I could not write in <#${thread.id}>, so I answer here.`);
      else
        await discord.until(
          'the broken answer is gone',
          () => discord.transcript(thread).filter(({ author }) => author === 'Lumen').length === 1,
        );
    }
  },
};
