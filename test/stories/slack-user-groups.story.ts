import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: "Slack's user groups are the roles of the allow and deny lists",
  on: 'slack',
  async tell({ chat }) {
    const keepers = chat.workspace.userGroup([chat.person('Ada'), chat.person('Ben')]);
    const muted = chat.workspace.userGroup([chat.person('Ben')]);
    await chat.reconfigure({ permissions: { roles: { allow: [keepers], deny: [muted] } } });
    expect((await (await chat.ask('What is this?', { pictures: [bat] })).answer()).text).toBe('It is a bat.');
    await chat.ask('What is this?', { by: 'Ben', pictures: [bat] });
    expect(await chat.toldAlone('Ben')).toBe('I am not set up to answer you here.');
  },
};
