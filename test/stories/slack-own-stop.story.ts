import { eventually } from '../support/eventually.js';
import { direct } from './chat-platform.js';
import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: "Slack's own stop below a stream cancels the answer on the model server",
  on: 'slack',
  async tell({ chat, model }) {
    const speech = model.speak().say('It is ');
    const question = await chat.ask('What is this?', { pictures: [bat], in: direct });
    await question.until('the first words are there', ({ text }) => text === 'It is ');
    chat.person('Ada').stopStream(chat.lastReply(direct));
    speech.say('a bat.');
    await eventually(() => model.cancelled === 1);
    expect(chat.repliesIn(direct)).toHaveLength(1);
  },
};
