import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'alt text from the menu neither waits for a running answer nor stops it',
  on: 'messengers',
  config: { conversation: { whenBusy: 'replace' } },
  async tell({ chat, model }) {
    const pause = model.pause();
    const question = await chat.ask('What is this?', { pictures: [bat] });
    await question.until('half an answer', ({ text }) => text.startsWith('It'));
    const altText = await (await question.message().choose('Alt text', 'Ben')).answer();
    expect(altText.text).toMatch(/bat/i);
    pause.end();
    expect((await question.answer()).text).toBe('It is a bat.');
  },
};
