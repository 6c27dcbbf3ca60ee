import { bat } from './pictures.js';
import { toFile } from './platforms/slack-messages.js';
import type { Story } from './story.js';

export const story: Story = {
  title: '/describe with a link to a message describes the picture there, unless it is private',
  on: 'slack',
  async tell({ chat }) {
    const shared = await chat.person('Ben').post(chat.conversation('zoo'), { files: [toFile(bat)] });
    const link = chat.workspace.permalink(shared);
    const answer = await (await chat.slash('/describe', `${link} What is this?`)).answer();
    expect(answer.text).toBe('It is a bat.');

    const secret = chat.workspace.channel('secret', [chat.person('Ben')], { kind: 'group' });
    const hidden = await chat.person('Ben').post(secret, { files: [toFile(bat)] });
    await chat.slash('/describe', chat.workspace.permalink(hidden));
    expect(await chat.toldAlone('Ada')).toBe(
      'I only follow links to messages in public channels and in this one.',
    );
  },
};
