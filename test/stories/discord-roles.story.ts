import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'only people with a role on the allow list are answered when there is one',
  on: 'discord',
  async tell({ chat }) {
    const role = chat.giveRole('Ada', 'Keepers');
    await chat.reconfigure({ permissions: { roles: { allow: [role] } } });
    const refused = await (await chat.ask('What is this?', { by: 'Ben', pictures: [bat] })).answer();
    expect(refused.remarks).toEqual(['I am not set up to answer you here.']);
    const answered = await (await chat.ask('What is this?', { by: 'Ada', pictures: [bat] })).answer();
    expect(answered.text).toBe('It is a bat.');
  },
};
