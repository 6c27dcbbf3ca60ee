import { direct } from './chat-platform.js';
import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'only people on the allow list are answered when there is one, in direct messages too',
  on: 'messengers',
  async tell({ chat }) {
    await chat.reconfigure({ permissions: { users: { allow: [chat.idOf('Ada')] } } });
    const refused = await (await chat.ask('Hello?', { by: 'Ben', in: direct })).answer();
    expect(refused.remarks).toEqual(['I am not set up to answer you here.']);
    const answered = await (await chat.ask('What is this?', { by: 'Ada', pictures: [bat] })).answer();
    expect(answered.text).toBe('It is a bat.');
  },
};
