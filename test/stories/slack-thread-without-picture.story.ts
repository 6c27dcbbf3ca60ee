import { bat, oyster } from './pictures.js';
import { SlackPosted, toFile } from './platforms/slack-messages.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a question in a thread that began with a document or a deleted picture is answered all the same',
  on: 'slack',
  async tell({ chat }) {
    const channel = chat.conversation('general');
    const pdf = { name: 'notes.pdf', content: Buffer.from('%PDF-1.7'), mimetype: 'application/pdf' };
    const gone = {
      ...toFile(oyster),
      disguise: ({ id }: Record<string, unknown>) => ({ id, mode: 'tombstone' }),
    };
    for (const file of [pdf, gone]) {
      const root = await chat.person('Ben').post(channel, { text: 'See here.', files: [file] });
      const asked = await chat
        .person('Ada')
        .mention(channel, { text: 'What is this?', thread: root, files: [toFile(bat)] });
      expect((await chat.questionOf(asked, 'Ada').answer()).text).toBe('It is a bat.');
      const aside = await new SlackPosted(chat, root, 'Ben').askAbout('How are you?');
      expect((await aside.answer()).text).not.toBe('');
    }
  },
};
