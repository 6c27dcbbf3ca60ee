import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'who asks too much is told when to ask again',
  on: 'everywhere',
  config: { limits: { perUser: { questions: 1, seconds: 60 } } },
  async tell({ chat }) {
    await (await chat.ask('What is this?', { pictures: [bat] })).answer();
    const refused = await (await chat.ask('And now?')).answer();
    expect(refused.remarks).toEqual([
      expect.stringMatching(/^That was a lot of questions\. Please ask again in \d+ s\.$/),
    ]);
    if (chat.name === 'web') return;
    const other = await (await chat.ask('What is this?', { by: 'Ben', pictures: [bat] })).answer();
    expect(other.text).toBe('It is a bat.');
  },
};
