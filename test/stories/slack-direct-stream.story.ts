import { direct } from './chat-platform.js';
import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: "direct messages are answered with Slack's own streaming, after a status",
  on: 'slack',
  async tell({ chat, model }) {
    const speech = model.speak();
    const question = await chat.ask('What is this?', { pictures: [bat], in: direct });
    const header = await chat.workspace.until('a status', () => [...chat.slack.assistantThreads.values()][0]);
    expect(header.statuses[0]).toBe('Looking…');
    speech.say('It is ');
    await question.until('the first words are there', ({ text }) => text === 'It is ');
    expect(chat.lastReply(direct).stream?.state).toBe('streaming');
    speech.say('a bat.').end();
    expect((await question.answer()).text).toBe('It is a bat.');
    expect(chat.lastReply(direct).stream?.state).toBe('finished');
  },
};
