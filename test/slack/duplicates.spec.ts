import { isFinished, type Story, startStory } from './story.js';

describe('a mention that Slack delivers more than once', () => {
  let story: Story;

  beforeAll(async () => {
    story = await startStory({ mode: 'http' });
  });
  afterAll(() => story.close());

  it.each([undefined, 'app_mention', 'message'] as const)(
    'is answered once (arrives only as: %s)',
    async (arrivesOnlyAs) => {
      const { workspace, ada, engine } = story;
      const channel = workspace.channel('once', [ada]);
      await ada.mention(channel, { text: 'hello', ...(arrivesOnlyAs ? { arrivesOnlyAs } : {}) });
      engine.say('Hello.');
      engine.end();
      await story.reply('the end', channel, isFinished);
      expect(workspace.replies(channel)).toHaveLength(1);
      expect(engine.requests.length).toBe(1);
      engine.requests.length = 0;
    },
  );

  it('is answered once when its event comes again, also after the bot was started again', async () => {
    const { workspace, slack, ada, engine } = story;
    const channel = workspace.channel('again', [ada]);
    await ada.mention(channel, { text: 'hello' });
    engine.say('Hello.');
    engine.end();
    await story.reply('the end', channel, isFinished);
    const events = [...slack.events.sent].filter((envelope) => isMention(envelope.event, channel.id));
    expect(events).toHaveLength(1);

    for (const event of events) await slack.events.redeliver(event, { attempt: 1, reason: 'http_timeout' });
    await story.restartBot();
    for (const event of events) await slack.events.redeliver(event, { attempt: 2, reason: 'http_timeout' });
    await workspace.until('the bot to have looked at the thread', () =>
      slack.api.calls.some(({ method }) => method === 'conversations.replies'),
    );
    await ada.mention(channel, { text: 'and again' });
    engine.say('Hello again.');
    engine.end();
    await story.reply('the next answer', channel, (line) => line.text === 'Hello again.' && isFinished(line));
    expect(workspace.replies(channel)).toHaveLength(2);
  });
});

function isMention(event: unknown, channel: string): boolean {
  return (
    typeof event === 'object' &&
    event !== null &&
    'type' in event &&
    event.type === 'app_mention' &&
    'channel' in event &&
    event.channel === channel
  );
}
