import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'the answer to /describe can be written again',
  on: 'messengers',
  async tell({ chat, model }) {
    const first = await (await chat.describe(bat, 'What is this?')).answer();
    model.speak().say('A second thought.').end();
    const second = await (await first.tryAgain()).answer();
    expect(second.text).toBe('A second thought.');
    expect(second.shown).toContain('What is this?');
    expect(model.prompts[1]).toBe(model.prompts[0]);
  },
};
