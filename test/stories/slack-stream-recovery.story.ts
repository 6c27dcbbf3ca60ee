import { direct } from './chat-platform.js';
import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'an answer whose stream Slack ended goes on as an edited message',
  on: 'slack',
  async tell({ chat, model }) {
    const speech = model.speak().say('It is ');
    const question = await chat.ask('What is this?', { pictures: [bat], in: direct });
    await question.until('the first words are there', ({ text }) => text === 'It is ');
    const { stream, ts } = chat.lastReply(direct);
    if (stream) stream.state = 'finished';
    speech.say('a bat.').end();
    expect((await question.answer()).text).toBe('It is a bat.');
    expect(chat.repliesIn(direct)).toHaveLength(1);
    expect(chat.lastReply(direct).ts).toBe(ts);
  },
};
