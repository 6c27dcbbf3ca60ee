import { bat } from './pictures.js';
import { toFile } from './platforms/slack-messages.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a mention that only the blocks hold is heard, and so is one that an edit adds',
  on: 'slack',
  async tell({ chat, model }) {
    const channel = chat.conversation('general');
    const { id } = chat.slack.store.bot;
    const elements = [
      { type: 'user', user_id: id },
      { type: 'text', text: ' What is this?' },
    ];
    const blocks = [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] }];
    for (const arrivesOnlyAs of ['app_mention', 'message'] as const) {
      const files = [toFile(bat)];
      const asked = await chat.person('Ada').post(channel, { text: '', blocks, files, arrivesOnlyAs });
      expect((await chat.questionOf(asked, 'Ada').answer()).text).toBe('It is a bat.');
    }

    const edited = await chat.person('Ada').post(channel, { text: 'What is this?', files: [toFile(bat)] });
    await chat.person('Ada').edit(edited, `<@${id}> What is this?`);
    expect((await chat.questionOf(edited, 'Ada').answer()).text).toBe('It is a bat.');
    await chat.person('Ada').edit(edited, `<@${id}> What is that?`);
    await (await chat.ask('And this?', { pictures: [bat] })).answer();
    expect(model.prompts).toHaveLength(4);
  },
};
