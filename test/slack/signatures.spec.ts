import { HttpDelivery } from '../../test-servers/slack/http-delivery.js';
import { eventually } from '../support/eventually.js';
import { isFinished, type Story, startStory } from './story.js';

describe('requests that do not come from Slack', () => {
  let story: Story;
  let requestUrl: string;
  beforeAll(async () => {
    story = await startStory({ mode: 'http' });
    requestUrl = story.slack.requestUrl;
  });
  afterAll(() => story.close());

  it.each([
    ['with a wrong signature', { signingSecret: 'somebody-guesses-it' }],
    ['with a timestamp ten minutes old', { ageSeconds: 600 }],
  ])('%s get 401, and nothing is asked of the model', async (_what, forgery) => {
    const { slack, workspace, ada, engine } = story;
    const channel = workspace.channel('forgeries', [ada]);
    const before = engine.requests.length;
    const sent = slack.events.sent.length;
    slack.deliverTo(requestUrl, forgery);
    await ada.mention(channel, { text: 'A forged question?' });
    expect(slack.events.acknowledgements.slice(-2)).toEqual([
      { outcome: 'failed', status: 401 },
      { outcome: 'failed', status: 401 },
    ]);
    // The mention comes as two events, and what is refused comes again at once.
    await eventually(() => slack.events.sent.length === sent + 4);

    slack.deliverTo(requestUrl);
    await ada.mention(channel, { text: 'A real one?' });
    engine.say('Yes.');
    engine.end();
    await story.reply('the answer', channel, (line) => line.text.startsWith('Yes.') && isFinished(line));
    expect(engine.requests).toHaveLength(before + 1);
    expect(workspace.replies(channel)).toHaveLength(1);
  });

  const json = 'application/json';
  const form = 'application/x-www-form-urlencoded';
  it.each([
    [json, 'null'],
    [json, '[]'],
    [json, '""'],
    [json, '7'],
    [json, ''],
    [json, '{"type":"event_callb'],
    [form, 'payload=null'],
    [form, 'payload=%5B%5D'],
    [form, 'payload=%7B'],
  ])('with a body that is no object get 401, and 400 from Slack itself: %s %j', async (contentType, body) => {
    const { slack } = story;
    const statusWith = async (secret: string) =>
      (await new HttpDelivery(requestUrl, secret).post({ contentType, body })).status;
    expect(await statusWith('somebody-guesses-it')).toBe(401);
    expect(await statusWith(slack.signingSecret)).toBe(400);
  });

  it("with an object that is none of Slack's leave the next question to be answered", async () => {
    const { slack, workspace, ada, engine } = story;
    const slackItself = new HttpDelivery(requestUrl, slack.signingSecret);
    const odd = [{}, { type: 'event_callback', event: null }, { type: 'view_submission', view: null }];
    for (const body of odd)
      void slackItself.post({ contentType: json, body: JSON.stringify(body) }).catch(() => {});
    const channel = workspace.channel('after-odd-requests', [ada]);
    await ada.mention(channel, { text: 'Are you there?' });
    engine.say('Yes.');
    engine.end();
    await story.reply('the answer', channel, (line) => line.text.startsWith('Yes.') && isFinished(line));
  });
});
