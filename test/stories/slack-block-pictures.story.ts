import { bat, oyster } from './pictures.js';
import { SlackPosted, toFile } from './platforms/slack-messages.js';
import type { Story } from './story.js';

export const story: Story = {
  title:
    "pictures in blocks and in other apps' blocks are seen: in a question, as a thread's root, by menu and command",
  on: 'slack',
  async tell({ chat }) {
    const channel = chat.conversation('general');
    const app = chat.workspace.otherBot('Gallery');
    channel.members.add(app.id);
    const image_url = await chat.publish(oyster);
    const asked = await chat.person('Ada').mention(channel, {
      text: 'What is this?',
      blocks: [{ type: 'image', image_url, alt_text: 'a picture' }],
    });
    expect((await chat.questionOf(asked, 'Ada').answer()).text).toBe('It is an oyster.');

    // The file was uploaded by the app, which shared it nowhere but in its block.
    const { id } = chat.slack.store.addFile(app.id, { ...toFile(bat), mimetype: 'image/png' });
    const icon = { type: 'image', image_url, alt_text: 'icon' };
    const shown = await app.post(channel, {
      attachments: [
        {
          blocks: [
            { type: 'context', elements: [icon] },
            { type: 'image', slack_file: { id }, alt_text: 'a bat' },
          ],
        },
      ],
    });
    const posted = new SlackPosted(chat, shown, 'Gallery');
    expect((await (await posted.askAbout('What is this?')).answer()).text).toBe('It is a bat.');
    expect((await (await posted.choose('Describe this image')).answer()).text).toMatch(
      /^The image shows a bat/,
    );
    expect((await (await chat.slash('/describe', '')).answer()).text).toMatch(/^The image shows a bat/);
  },
};
