import { type ModelServerProcess, startModelServer } from '../support/model-server-process.js';
import { scenes } from './scenes.js';
import { type SlackBotInWorkspace, startSlackBot } from './slack-bot.js';
import { isFinished } from './story.js';

const conversations = 50;
/** Fifty last edits are as many as Slack takes in a minute: one more, and an answer would wait for the next minute. */
const withinMs = 50_000;

describe('fifty conversations at once', () => {
  let model: ModelServerProcess;
  let bot: SlackBotInWorkspace;

  beforeAll(async () => {
    model = await startModelServer();
    bot = await startSlackBot({ modelServer: model.address });
  }, 60_000);
  afterAll(async () => {
    await bot?.close();
    await model?.stop();
  });

  it('lose no answer, double none and mix none up', async () => {
    const { slack, workspace } = bot;
    const asked = Array.from({ length: conversations }, (_, index) => {
      const person = workspace.user(`Person ${index}`);
      const picture = index % 2 === 0 ? ('bat' as const) : ('oyster' as const);
      return { person, picture, channel: workspace.channel(`channel ${index}`, [person]) };
    });
    await Promise.all(
      asked.map(({ person, picture, channel }) =>
        person.mention(channel, { text: 'What is this?', files: [scenes[picture]] }),
      ),
    );
    await workspace.until(
      'all answers',
      () => asked.every(({ channel }) => workspace.replies(channel).some(isFinished)),
      withinMs,
    );
    for (const { picture, channel } of asked) {
      expect(workspace.replies(channel).map(({ text }) => text)).toEqual([
        picture === 'bat' ? 'It is a bat.' : 'It is an oyster.',
      ]);
    }
    expect(slack.api.calls.filter(({ error }) => error !== undefined)).toEqual([]);
  }, 60_000);
});
