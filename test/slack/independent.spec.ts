import { readFileSync } from 'node:fs';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { WebClient } from '@slack/web-api';
import { createEmulator, type Emulator } from 'emulate';
import { Settings } from '../../apps/bot/src/config/settings.js';
import { startBot } from '../../apps/bot/src/start-bot.js';
import { HttpDelivery } from '../slack-server/http-delivery.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { type ModelServerProcess, startModelServer } from '../support/model-server-process.js';
import { scenes } from './scenes.js';

const botToken = 'xoxb-bot';
const adaToken = 'xoxp-ada';
const signingSecret = 'a secret of sixteen letters or more';

/** The same first conversation against a Slack that others wrote, so that ours does not merely agree with itself. */
describe('against the independent Slack emulator', () => {
  let slack: Emulator;
  let model: ModelServerProcess;
  let bot: NestExpressApplication;
  let delivery: HttpDelivery;

  beforeAll(async () => {
    const [slackPort, botPort] = [await freePort(), await freePort()];
    slack = await createEmulator({
      service: 'slack',
      port: slackPort,
      seed: {
        tokens: { [botToken]: { login: 'minigpt4' }, [adaToken]: { login: 'ada' } },
        slack: { users: [{ name: 'minigpt4' }, { name: 'ada' }], channels: [{ name: 'pictures' }] },
      },
    });
    model = await startModelServer();
    const { host } = new URL(slack.url);
    bot = await startBot(
      Settings.of(
        {
          MODEL_SERVER_ADDRESS: model.address,
          WEB_PORT: '0',
          SLACK_BOT_TOKEN: botToken,
          SLACK_SIGNING_SECRET: signingSecret,
          SLACK_PORT: String(botPort),
          SLACK_API_URL: `${slack.url}/api/`,
        },
        { images: { trustedHosts: [host] }, slack: { fileHosts: [host] }, web: { enabled: false } },
      ),
      false,
    );
    delivery = new HttpDelivery(`http://127.0.0.1:${botPort}/slack/events`, signingSecret);
  }, 60_000);
  afterAll(async () => {
    await bot?.close();
    await model?.stop();
    await slack?.close();
  });

  it('a mention with a picture is answered in its thread', async () => {
    const client = (token: string) => new WebClient(token, { slackApiUrl: `${slack.url}/api/` });
    const [ada, app] = [client(adaToken), client(botToken)];
    const { user_id: botUser, team_id } = await app.auth.test();
    const channel = await channelNamed(app, 'pictures');
    await app.conversations.join({ channel });
    await ada.conversations.join({ channel });
    await ada.filesUploadV2({
      channel_id: channel,
      initial_comment: `<@${botUser}> What is this?`,
      file: readFileSync(scenes.bat),
      filename: 'bat.png',
    });
    const { messages = [] } = await app.conversations.history({ channel, limit: 1 });
    const question = messages[0];
    const event = { ...question, type: 'app_mention', channel, event_ts: question?.ts };
    await delivery.deliver({
      kind: 'events_api',
      body: { type: 'event_callback', team_id, event_id: 'Ev1', event_time: 1, event },
    });

    const replies = async () => {
      const thread = await app.conversations.replies({ channel, ts: question?.ts ?? '' });
      return (thread.messages ?? []).filter(({ user }) => user === botUser).map(({ text }) => text);
    };
    await eventually(async () => (await replies()).includes('It is a bat.'));
    expect(await replies()).toEqual(['It is a bat.']);
  });
});

async function channelNamed(client: WebClient, name: string): Promise<string> {
  const { channels = [] } = await client.conversations.list({});
  return channels.find((channel) => channel.name === name)?.id ?? '';
}
