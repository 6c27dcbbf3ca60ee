import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'another answer to the same question takes the place of the first, and is sampled afresh',
  on: 'everywhere',
  async tell({ chat, model }) {
    const first = await (await chat.ask('What is this?', { pictures: [bat] })).answer();
    model.speak().say('Surely a cat.').end();
    const second = await (await first.tryAgain()).answer();
    expect(second.text).toBe('Surely a cat.');
    expect(model.prompts[1]).toBe(model.prompts[0]);
    expect(model.requests.at(-1)?.sampling?.temperature).toBeGreaterThan(0);
    if (chat.name !== 'web') expect(second.versions).toContain(first.shown);
  },
};
