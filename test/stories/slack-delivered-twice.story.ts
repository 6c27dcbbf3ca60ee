import { bat } from './pictures.js';
import { toFile } from './platforms/slack-messages.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'a mention that Slack delivers as two events, as one, or again is answered once',
  on: 'slack',
  async tell({ chat, model }) {
    const ways = [undefined, 'app_mention', 'message'] as const;
    for (const [index, arrivesOnlyAs] of ways.entries()) {
      const mention = {
        text: 'What is this?',
        files: [toFile(bat)],
        ...(arrivesOnlyAs && { arrivesOnlyAs }),
      };
      const message = await chat.person('Ada').mention(chat.conversation('general'), mention);
      await chat.questionOf(message, 'Ada').answer();
      expect(model.prompts).toHaveLength(index + 1);
    }
    const events = [...chat.slack.events.sent];
    const redeliver = (attempt: number) =>
      Promise.all(events.map((event) => chat.slack.events.redeliver(event, { attempt, reason: 'timeout' })));
    await redeliver(1);
    await chat.restart();
    await redeliver(2);
    await (await chat.ask('How big is it?')).answer();
    expect(model.prompts).toHaveLength(ways.length + 1);
    expect(chat.repliesIn('general')).toHaveLength(ways.length + 1);
  },
};
