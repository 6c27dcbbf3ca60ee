import { direct } from './chat-platform.js';
import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'what Slack itself says is never answered, and does not make a third of two who talk',
  on: 'slack',
  async tell({ chat, model }) {
    await chat.workspace.slackbotSays(chat.conversation(direct), 'You have a reminder.');
    await chat.workspace.slackbotSays(
      chat.conversation('general'),
      `<@${chat.slack.store.bot.id}> was invited.`,
    );
    await (await chat.ask('What is this?', { pictures: [bat] })).answer();
    const thread = chat.lastReply('general');
    await chat.workspace.slackbotSays(chat.conversation('general'), 'A message was deleted.', thread);
    const further = await chat
      .person('Ada')
      .post(chat.conversation('general'), { text: 'What is the background color?', thread });
    expect((await chat.questionOf(further, 'Ada').answer()).text).toBe('The background is white.');
    expect(model.prompts).toHaveLength(2);
    expect(model.prompts.at(-1)).not.toContain('deleted');
  },
};
