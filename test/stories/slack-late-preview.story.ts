import { setTimeout as sleep } from 'node:timers/promises';
import { bat, oyster } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title:
    'the picture in a preview that Slack adds after the message is looked at, whether Slack tells of it or not',
  on: 'slack',
  async tell({ chat }) {
    for (const [picture, name, isTold] of [
      [oyster, 'oyster', true],
      [bat, 'bat', false],
    ] as const) {
      const address = 'https://example.com/page';
      const message = await chat
        .person('Ada')
        .mention(chat.conversation('general'), { text: `What is this? <${address}>` });
      await sleep(200);
      const preview = { from_url: address, image_url: await chat.publish(picture) };
      await chat.workspace.unfurl(message, preview, { isTold });
      expect((await chat.questionOf(message, 'Ada').answer()).text).toContain(
        `shows a${name === 'bat' ? '' : 'n'} ${name}`,
      );
    }
  },
};
