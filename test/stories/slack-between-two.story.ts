import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'in a thread between one person and the bot nobody has to be mentioned, until others join',
  on: 'slack',
  async tell({ chat, model }) {
    const first = await (await chat.ask('What is this?', { pictures: [bat] })).answer();
    const conversation = chat.conversation('general');
    const thread = chat.lastReply('general');
    const ask = async (text: string) =>
      chat.questionOf(await chat.person('Ada').post(conversation, { text, thread }), 'Ada');
    expect(first.text).toBe('It is a bat.');
    expect((await (await ask('What is the background color?')).answer()).text).toBe(
      'The background is white.',
    );
    await chat.person('Ben').post(conversation, { text: 'I am here too.', thread });
    await ask('Hello Ben.');
    const third = await (await first.followUp('How big is it?')).answer();
    // What was said to Ben is looked at longer than a mention; had it a prompt, that would be ahead of this one's.
    await (await third.followUp('Is it black?')).answer();
    expect(model.prompts).toHaveLength(4);
  },
};
