import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'the bot says that it is looking before the first word, and offers to stop',
  on: 'everywhere',
  async tell({ chat, model }) {
    const speech = model.speak();
    const question = await chat.ask('What is this?', { pictures: [bat] });
    const looking = await question.until('the bot looks', ({ shown }) => shown.includes('Looking…'));
    expect(looking.text).toBe('');
    expect(looking.buttons).toEqual(['Stop']);
    speech.say('A bat.').end();
    expect((await question.answer()).shown).toBe('A bat.');
  },
};
