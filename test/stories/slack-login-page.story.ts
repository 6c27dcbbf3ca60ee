import { eventually } from '../support/eventually.js';
import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a file that leads to the login page is named, and the operator hears which scope is missing',
  on: 'slack',
  asProcess: true,
  async tell({ chat }) {
    chat.slack.grantedScopes.delete('files:read');
    const answer = await (await chat.ask('What is this?', { pictures: [bat] })).answer();
    expect(answer.remarks).toContain('bat.png: I am not allowed to see it.');
    await eventually(() => chat.bot.console().join().includes('Give the app the scope files:read'));
  },
};
