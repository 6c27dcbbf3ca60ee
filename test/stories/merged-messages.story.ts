import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'messages of one person that follow each other are one turn',
  on: 'messengers',
  config: { discord: { readMessageContent: true } },
  async tell({ chat, model }) {
    const posted = await chat.post('Look at this.', { by: 'Ada', pictures: [bat] });
    await (await posted.askAbout('What is it?', 'Ada')).answer();
    const prompt = model.prompts.at(-1) ?? '';
    expect(prompt).toMatch(/Look at this\..*What is it\?/s);
    expect(prompt.match(/Human:/g)).toHaveLength(1);
  },
};
