import { bat, oyster } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a question without a picture is about the latest one of the channel',
  on: 'messengers',
  config: { discord: { readMessageContent: true } },
  async tell({ chat }) {
    await chat.post('An old one.', { by: 'Ben', pictures: [oyster] });
    await chat.post('A new one.', { by: 'Ben', pictures: [bat] });
    await chat.post('Nice!', { by: 'Ada' });
    expect((await (await chat.ask('What is this?')).answer()).text).toBe('It is a bat.');
  },
};
