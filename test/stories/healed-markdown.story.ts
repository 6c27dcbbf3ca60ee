import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'markdown is whole at every moment while an answer grows',
  on: 'messengers',
  async tell({ chat, model }) {
    const speech = model.speak().say('It is **very');
    const question = await chat.ask('What is this?', { pictures: [bat] });
    await question.until('emphasis is closed', ({ text }) => text === 'It is **very**');
    speech.say(' big**:\n```\na bat');
    await question.until(
      'the fence is closed',
      ({ text }) => text === 'It is **very big**:\n```\na bat\n```',
    );
    speech.say('\n```\n| what |').end();
    expect((await question.answer()).text).toContain('```\na bat\n```');
  },
};
