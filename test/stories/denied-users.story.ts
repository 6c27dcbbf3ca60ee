import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'people on the deny list are not answered, everybody else is',
  on: 'messengers',
  async tell({ chat, model }) {
    await chat.reconfigure({ permissions: { users: { deny: [chat.idOf('Ben')] } } });
    const refused = await (await chat.ask('What is this?', { by: 'Ben', pictures: [bat] })).answer();
    expect(refused.remarks).toEqual(['I am not set up to answer you here.']);
    expect(model.prompts).toEqual([]);
    const answered = await (await chat.ask('What is this?', { by: 'Ada', pictures: [bat] })).answer();
    expect(answered.text).toBe('It is a bat.');
  },
};
