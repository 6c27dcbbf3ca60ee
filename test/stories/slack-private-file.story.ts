import { bat } from './pictures.js';
import { toFile } from './platforms/slack-messages.js';
import type { Story } from './story.js';

export const story: Story = {
  title: '/describe with a link to a file shows it where it was shared, and nobody who is not there',
  on: 'slack',
  async tell({ chat }) {
    const secret = chat.workspace.channel('secret', [chat.person('Ben'), chat.person('Ada')], {
      kind: 'group',
    });
    const shared = await chat.person('Ben').post(secret, { files: [toFile(bat)] });
    const link = String(chat.slack.filesOf(shared)[0]?.permalink);
    const there = chat.questionFromNow(secret, 'Ada');
    await chat.person('Ada').slash(secret, '/describe', `${link} What is this?`);
    expect((await there.answer()).text).toBe('It is a bat.');

    await chat.slash('/describe', link);
    expect(await chat.toldAlone('Ada')).toBe(
      'I only follow links to messages in public channels and in this one.',
    );
  },
};
