import { bat, oyster } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'the bot keeps quiet when people talk to each other',
  on: 'messengers',
  async tell({ chat, model }) {
    await chat.post('Nice weather.', { by: 'Ada' });
    await chat.post('Look!', { by: 'Ben', pictures: [oyster] });
    await (await chat.ask('What is this?', { pictures: [bat] })).answer();
    expect(chat.repliesIn('general')).toHaveLength(1);
    expect(model.prompts).toHaveLength(1);
  },
};
