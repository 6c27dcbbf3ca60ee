import { bat } from './pictures.js';
import type { Story } from './story.js';

const notHere = 'I am not set up to answer you here.';

export const story: Story = {
  title: "Discord's roles are the roles of the allow and deny lists",
  on: 'discord',
  async tell({ chat }) {
    const keepers = chat.giveRole('Ada', 'Keepers');
    const muted = chat.giveRole('Ben', 'Muted');
    const asked = async (by: string) => (await chat.ask('What is this?', { by, pictures: [bat] })).answer();

    await chat.reconfigure({ permissions: { roles: { allow: [keepers] } } });
    expect((await asked('Ben')).remarks).toEqual([notHere]);
    expect((await asked('Ada')).text).toBe('It is a bat.');

    await chat.reconfigure({ permissions: { roles: { deny: [muted] } } });
    expect((await asked('Ben')).remarks).toEqual([notHere]);
    expect((await asked('Ada')).text).toBe('It is a bat.');
  },
};
