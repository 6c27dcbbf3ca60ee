import { App, HTTPReceiver, LogLevel } from '@slack/bolt';
import { WebAPIPlatformError } from '@slack/web-api';

import { AccountError, withSlackToken } from '#libs/chat-accounts';

import { Settings } from '../../config/settings.js';
import { UnreadableItems } from '../conversation/slack-message.js';
import { createBoltApp, readConnection, SlackLogger } from './connection.js';
import { SteadyReceiver } from './steady-receiver.js';

const connectionOf = (variables: NodeJS.ProcessEnv) => readConnection(Settings.parse(variables).environment);
const bot = { SLACK_BOT_TOKEN: 'xoxb-1' };
const app = { SLACK_APP_TOKEN: 'xapp-1' };
const secret = { SLACK_SIGNING_SECRET: 'sshh', SLACK_PORT: '4000' };

describe('Slack is reached', () => {
  it('not at all where nothing is set', () => {
    expect(connectionOf({})).toBeUndefined();
  });

  it('over Socket Mode or over HTTP', () => {
    const socket = { mode: 'socket', botToken: 'xoxb-1', appToken: 'xapp-1' };
    expect(connectionOf({ ...bot, ...app })).toEqual(socket);
    expect(connectionOf({ ...bot, ...secret })).toEqual({
      mode: 'http',
      botToken: 'xoxb-1',
      signingSecret: 'sshh',
      port: 4_000,
    });
  });

  it.each([
    [app, 'SLACK_BOT_TOKEN is missing'],
    [secret, 'SLACK_BOT_TOKEN is missing'],
    [bot, 'set SLACK_APP_TOKEN (xapp-…) for Socket Mode, or SLACK_SIGNING_SECRET for HTTP'],
    [{ ...bot, ...app, ...secret }, 'both SLACK_APP_TOKEN and SLACK_SIGNING_SECRET are set. Keep the first'],
  ])('not with half of what it takes, nor with two ways at once: %j', (variables, sentence) => {
    expect(() => connectionOf(variables)).toThrow(expect.objectContaining({ code: 'start-up' }));
    expect(() => connectionOf(variables)).toThrow(sentence);
  });
});

describe('the app of Slack', () => {
  const logger = { debug: () => {}, warn: () => {}, error: () => {} } as never;
  const receiverOf = (made: App) => (made as unknown as { readonly receiver: unknown }).receiver;

  it('calls Slack where it is told, and gives up within seconds', () => {
    const made = createBoltApp(
      { mode: 'socket', botToken: 'b', appToken: 'xapp-1' },
      'https://slack.example/api/',
      logger,
    );
    expect(made.client.slackApiUrl).toBe('https://slack.example/api/');
    const { retryConfig, rejectRateLimitedCalls } = made.client as unknown as Record<string, unknown>;
    expect(retryConfig).toEqual({ retries: 2, minTimeout: 300, maxTimeout: 2_000 });
    expect(rejectRateLimitedCalls).toBe(true);
    expect(receiverOf(made)).toBeInstanceOf(SteadyReceiver);
  });

  it('checks signatures over HTTP, and is called at its own address where no other is set', () => {
    const made = createBoltApp(
      { mode: 'http', botToken: 'b', signingSecret: 's', port: 1 },
      undefined,
      logger,
    );
    expect(made.client.slackApiUrl).toBe('https://slack.com/api/');
    expect(receiverOf(made)).toBeInstanceOf(HTTPReceiver);
    expect((receiverOf(made) as { readonly signatureVerification?: unknown }).signatureVerification).toBe(
      true,
    );
  });
});

describe('a token', () => {
  const refused = (error: string) => new WebAPIPlatformError({ ok: false, error });

  it('that Slack takes gives what was asked', async () => {
    await expect(withSlackToken('SLACK_BOT_TOKEN', async () => 7)).resolves.toBe(7);
  });

  it.each([
    ['SLACK_BOT_TOKEN', 'invalid_auth', '(invalid_auth). Copy the Bot User OAuth Token'],
    ['SLACK_APP_TOKEN', 'missing_scope', '(missing_scope). Create an app-level token'],
  ] as const)('%s that Slack refuses says what to do', async (variable, code, sentence) => {
    const call = withSlackToken(variable, () => Promise.reject(refused(code)));
    await expect(call).rejects.toBeInstanceOf(AccountError);
    await expect(call).rejects.toThrow(`Slack does not accept ${variable} ${sentence}`);
  });

  it.each([refused('internal_error'), new Error('cut')])('is not to blame for %s', async (error) => {
    await expect(withSlackToken('SLACK_BOT_TOKEN', () => Promise.reject(error))).rejects.toBe(error);
  });
});

it('Bolt writes into the log of the bot, and what people wrote into none', () => {
  const lines: unknown[] = [];
  const into = (level: string) => (line: unknown) => lines.push([level, line]);
  const log = new SlackLogger({ debug: into('debug'), warn: into('warn'), error: into('error') } as never);
  log.debug();
  log.info('a', 1);
  log.warn('b', 2);
  log.error('c', 3);
  expect(lines).toEqual([
    ['debug', 'a 1'],
    ['warn', 'b 2'],
    ['error', 'c 3'],
  ]);
  expect(log.getLevel()).toBe(LogLevel.INFO);
});

it('what is unreadable is counted each time and told once for each kind', () => {
  const lines: string[] = [];
  let counted = 0;
  const items = new UnreadableItems(
    { countUnreadable: () => counted++ } as never,
    { warn: (line: string) => lines.push(line) } as never,
  );
  items.report(['file: id, not string', 'block: type, not string']);
  items.report(['file: id, not string']);
  expect(counted).toBe(3);
  expect(lines).toEqual([
    'Slack sent what cannot be read and is left out (file: id, not string).',
    'Slack sent what cannot be read and is left out (block: type, not string).',
  ]);
});
