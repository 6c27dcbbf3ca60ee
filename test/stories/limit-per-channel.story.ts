import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a channel where too much is asked hears when to ask again, other channels go on',
  on: 'messengers',
  config: { limits: { perChannel: { questions: 1, seconds: 60 } } },
  async tell({ chat }) {
    await (await chat.ask('What is this?', { pictures: [bat] })).answer();
    const refused = await (await chat.ask('And now?', { by: 'Ben' })).answer();
    expect(refused.remarks).toEqual([
      expect.stringMatching(/^This channel is busy\. Please ask again in \d+ s\.$/),
    ]);
    const other = await (await chat.ask('What is this?', { pictures: [bat], in: 'elsewhere' })).answer();
    expect(other.text).toBe('It is a bat.');
  },
};
