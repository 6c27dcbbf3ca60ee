import { bat } from './pictures.js';
import { toFile } from './platforms/slack-messages.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'an answer that Slack refuses in its place is given without what was refused, plainly, or directly',
  on: 'slack',
  async tell({ chat }) {
    const { api } = chat.slack;
    const ada = chat.person('Ada');
    const ask = (name: string) =>
      ada.mention(chat.conversation(name), { text: 'What is this?', files: [toFile(bat)] });
    const directly = (what: string, after: number) =>
      chat.workspace.until(what, () =>
        chat.workspace
          .replies(ada.directMessages)
          .slice(after)
          .find(({ text, buttons }) => text.includes('It is a bat.') && !buttons.includes('Stop')),
      );
    let told = 0;
    for (const code of ['is_archived', 'restricted_action', 'channel_not_found', 'not_in_channel']) {
      const channel = chat.conversation(code);
      channel.refuses = code;
      await ask(code);
      const { text } = await directly(`an answer in spite of ${code}`, told);
      expect(text).toContain(`I cannot write in <#${channel.id}>, so I answer here.`);
      told += 1;
    }

    // Without the blocks: the place stays the same.
    for (const code of ['invalid_blocks', 'msg_too_long']) {
      const asked = await ask('blocks');
      api.refuseWith('chat.update', code, (args) => (args.json<object[]>('blocks') ?? []).length > 0);
      const answer = await chat
        .questionOf(asked, 'Ada')
        .until(`an answer in spite of ${code}`, ({ shown }) => shown.includes('It is a bat.'));
      expect(answer.buttons).toEqual([]);
      api.refuseWith('chat.update', undefined);
    }

    // A thread that takes no replies: at the top of the channel.
    api.refuseWith(
      'chat.postMessage',
      'restricted_action_non_threadable_channel',
      (args) => args.text('thread_ts') !== undefined,
    );
    await ask('unthreadable');
    const plain = await chat.workspace.until('a plain message', () =>
      chat.workspace
        .replies(chat.conversation('unthreadable'))
        .find(({ text, inThread }) => text.includes('It is a bat.') && !inThread),
    );
    expect(plain.text).toContain('It is a bat.');
  },
};
