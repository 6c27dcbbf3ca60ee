import { bat, oyster } from './pictures.js';
import { toFile } from './platforms/slack-messages.js';
import type { Story } from './story.js';

export const story: Story = {
  title: "files of other workspaces are looked up, and those that the workspace's plan hides are named so",
  on: 'slack',
  async tell({ chat }) {
    const channel = chat.conversation('general');
    const fromElsewhere = {
      ...toFile(bat),
      disguise: ({ id }: Record<string, unknown>) => ({
        id,
        mode: 'file_access',
        file_access: 'check_file_info',
      }),
    };
    const asked = await chat
      .person('Ada')
      .mention(channel, { text: 'What is this?', files: [fromElsewhere] });
    expect((await chat.questionOf(asked, 'Ada').answer()).text).toBe('It is a bat.');

    const hidden = {
      ...toFile(oyster),
      disguise: ({ id, name }: Record<string, unknown>) => ({ id, name, mode: 'hidden_by_limit' }),
    };
    const old = await chat.person('Ada').mention(channel, { text: 'What is this?', files: [hidden] });
    const answer = await chat.questionOf(old, 'Ada').answer();
    expect(answer.remarks).toContain("oyster.png: the workspace's plan hides it.");
  },
};
