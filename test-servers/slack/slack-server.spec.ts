import { fileURLToPath } from 'node:url';
import type { KnownBlock, ModalView } from '@slack/types';
import { LogLevel, WebClient } from '@slack/web-api';
import { SlackServer } from './index.js';

const manifest = fileURLToPath(new URL('../../apps/bot/slack-manifest.yaml', import.meta.url));

const silent = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  setName() {},
  getLevel: () => LogLevel.ERROR,
};

/** The rules of the README, as an app meets them through Slack's own client. */
describe('the Slack server', () => {
  let slack: SlackServer;
  let client: WebClient;

  beforeAll(async () => {
    slack = await SlackServer.start(manifest);
    client = appClient(slack.botToken);
  });
  afterAll(() => slack.close());

  const appClient = (token: string) =>
    new WebClient(token, {
      slackApiUrl: slack.apiUrl,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      logger: silent,
    });
  const ada = () => slack.workspace.user('Ada');
  const refusal = (call: Promise<unknown>) =>
    call.then(
      () => 'none',
      (error: { data?: { error: string }; message: string }) => error.data?.error ?? error.message,
    );

  it('takes only the tokens it gave', async () => {
    expect(await refusal(appClient('xoxb-wrong').auth.test())).toBe('invalid_auth');
    expect(await refusal(appClient(slack.appToken).auth.test())).toBe('not_allowed_token_type');
    expect(await refusal(client.apps.connections.open())).toBe('not_allowed_token_type');
  });

  it('refuses calls without the scope', async () => {
    slack.grantedScopes.delete('users:read');
    expect(await refusal(client.users.info({ user: ada().id }))).toBe('missing_scope');
    slack.grantedScopes.add('users:read');
  });

  it('lets the app write only where it is', async () => {
    const { id: channel } = slack.workspace.channel('elsewhere', [ada()], { withApp: false });
    expect(await refusal(client.chat.postMessage({ channel, text: 'hello' }))).toBe('not_in_channel');
    expect(await refusal(client.conversations.history({ channel }))).toBe('not_in_channel');
    expect(await refusal(client.chat.postMessage({ channel: 'C0NOWHERE', text: 'hello' }))).toBe(
      'channel_not_found',
    );
  });

  it('refuses edits whose text is longer than 4,000 bytes, or that are of others', async () => {
    const person = ada();
    const conversation = slack.workspace.channel('edits', [person]);
    const { id: channel } = conversation;
    const { ts = '' } = await client.chat.postMessage({ channel, text: 'hello' });
    expect(await refusal(client.chat.update({ channel, ts, text: 'ä'.repeat(2_001) }))).toBe('msg_too_long');
    expect(await refusal(client.chat.update({ channel, ts, text: 'ä'.repeat(2_000) }))).toBe('none');
    const other = await person.post(conversation, { text: 'mine' });
    expect(await refusal(client.chat.update({ channel, ts: other.ts, text: 'yours' }))).toBe(
      'cant_update_message',
    );
  });

  it('refuses blocks that are too long', async () => {
    const { id: channel } = slack.workspace.channel('blocks', [ada()]);
    const post = (blocks: KnownBlock[]) => refusal(client.chat.postMessage({ channel, text: 'x', blocks }));
    const section = (length: number): KnownBlock => ({
      type: 'section',
      text: { type: 'mrkdwn', text: 'x'.repeat(length) },
    });
    expect(await post([section(3_001)])).toBe('invalid_blocks');
    expect(await post([{ type: 'markdown', text: 'x'.repeat(12_001) }])).toBe('msg_blocks_too_long');
    expect(await post(Array.from({ length: 51 }, () => section(1)))).toBe('too_many_blocks');
  });

  it('asks to wait when messages come faster than one per second and channel', async () => {
    const { id: channel } = slack.workspace.channel('fast', [ada()]);
    const posts = Array.from({ length: 6 }, () =>
      refusal(client.chat.postMessage({ channel, text: 'hello' })),
    );
    const refused = (await Promise.all(posts)).filter((error) => error !== 'none');
    expect(refused).toHaveLength(2);
    expect(refused[0]).toMatch(/rate.?limit/i);
  });

  it('streams only in threads, to somebody, and no longer than the stream lives', async () => {
    const person = ada();
    const conversation = slack.workspace.channel('streams', [person]);
    const { id: channel } = conversation;
    const { ts: thread_ts } = await person.post(conversation, { text: 'hello' });
    expect(await refusal(client.chat.startStream({ channel, thread_ts }))).toBe('missing_recipient_team_id');
    const recipient = { recipient_team_id: slack.store.team.id, recipient_user_id: person.id };
    const { ts = '' } = await client.chat.startStream({
      channel,
      thread_ts,
      markdown_text: 'a',
      ...recipient,
    });
    const append = () => refusal(client.chat.appendStream({ channel, ts, markdown_text: 'b' }));
    expect(await refusal(client.chat.update({ channel, ts, text: 'x' }))).toBe('streaming_state_conflict');
    expect(await append()).toBe('none');
    const stream = slack.store.find(channel, ts)?.stream;
    if (stream !== undefined) stream.lastAppendAt -= 61_000;
    expect(await append()).toBe('message_not_in_streaming_state');
  });

  it('takes five responses at a response_url, and no more', async () => {
    const person = ada();
    const conversation = slack.workspace.channel('responses', [person]);
    const url = `${slack.url}${slack.responseUrls.issue(conversation.id, person.id)}`;
    const respond = async () => (await fetch(url, { method: 'POST', body: '{"text":"hello"}' })).status;
    for (let use = 1; use <= 5; use += 1) expect(await respond()).toBe(200);
    expect(await respond()).toBe(404);
    expect(slack.workspace.transcript(conversation).every((line) => line.onlyFor === 'Ada')).toBe(true);
  });

  it('opens one modal per trigger', async () => {
    const trigger_id = slack.triggers.issue(ada().id);
    const view: ModalView = { type: 'modal', title: { type: 'plain_text', text: 'A' }, blocks: [] };
    expect(await refusal(client.views.open({ trigger_id, view }))).toBe('none');
    expect(await refusal(client.views.open({ trigger_id, view }))).toBe('exchanged_trigger_id');
    expect(await refusal(client.views.open({ trigger_id: '1.2', view }))).toBe('invalid_trigger_id');
  });

  it('sends programs without the token to the login page', async () => {
    const conversation = slack.workspace.channel('files', [ada()]);
    const file = { name: 'a.png', content: Buffer.from('picture') };
    const message = await ada().post(conversation, { files: [file] });
    const url = String(slack.filesOf(message)[0]?.url_private);
    expect(await (await fetch(url)).text()).toContain('Sign in');
    const authorization = `Bearer ${slack.botToken}`;
    expect(await (await fetch(url, { headers: { authorization } })).text()).toBe('picture');
  });
});
