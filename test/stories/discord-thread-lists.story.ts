import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a thread counts as its channel for lists and limits',
  on: 'discord',
  config: {
    limits: { perChannel: { questions: 2, seconds: 60 } },
  },
  async tell({ chat }) {
    const start = await chat.post('Look.', { by: 'Ben' });
    const thread = chat.openThread(start, 'look');
    await (await chat.ask('What is this?', { pictures: [bat] })).answer();
    await (await chat.ask('What is this?', { pictures: [bat], in: thread })).answer();
    const third = await (await chat.ask('What is this?', { by: 'Ben', in: thread })).answer();
    expect(third.shown).toMatch(/This channel is busy/);
    await chat.reconfigure({ permissions: { channels: { deny: [chat.idOfChannel('general')] } } });
    const denied = await (await chat.ask('What is this?', { in: thread })).answer();
    expect(denied.shown).toMatch(/not set up to answer you here/);
  },
};
