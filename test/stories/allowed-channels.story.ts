import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'only channels on the allow list are answered in when there is one',
  on: 'messengers',
  async tell({ chat }) {
    await chat.reconfigure({ permissions: { channels: { allow: [chat.idOfChannel('zoo')] } } });
    const refused = await (await chat.ask('What is this?', { pictures: [bat], in: 'lobby' })).answer();
    expect(refused.remarks).toEqual(['I am not set up to answer you here.']);
    const answered = await (await chat.ask('What is this?', { pictures: [bat], in: 'zoo' })).answer();
    expect(answered.text).toBe('It is a bat.');
  },
};
