import { WebAPIPlatformError } from '@slack/web-api';

import { english } from '../../words/english.js';
import { streamMark } from '../reply/outgoing-text.js';
import { type ReplyRecord, toMetadata } from '../reply/reply-record.js';
import { RunningReplies } from '../reply/running-replies.js';
import { InterruptedAnswers } from './interrupted-answers.js';
import { type SlackMessage, slackMessage } from './slack-message.js';

const bot = 'UBOT';
const asked = slackMessage.parse({ ts: '1.0', user: 'U1' });
const half = (state: ReplyRecord['state'] = 'running', text = 'A c', more: object = {}) =>
  slackMessage.parse({
    ts: '2.0',
    thread_ts: '1.0',
    user: bot,
    blocks: text === '' ? [] : [{ type: 'markdown', text }],
    metadata: toMetadata({ state, question: 'C1:1.0', asker: 'U1', prompt: undefined }),
    ...more,
  });
const stream = slackMessage.parse({
  ts: '2.0',
  user: bot,
  blocks: [{ type: 'markdown', text: `${streamMark}A c` }],
});

interface World {
  /** The message as it is by the time that it is marked. */
  readonly now?: SlackMessage | undefined;
  readonly isRunning?: boolean;
  readonly refusal?: string;
}

function marking(thread: readonly SlackMessage[], world: World = {}) {
  const calls: Record<string, unknown>[] = [];
  const lines: string[] = [];
  const take = (method: string) => async (call: object) => {
    calls.push({ method, ...call });
    if (method === 'stop' && world.refusal)
      throw new WebAPIPlatformError({ ok: false, error: world.refusal });
  };
  const running = new RunningReplies();
  const logger = { warn: (line: string) => lines.push(line) };
  const interrupted = new InterruptedAnswers(
    { isRunning: async () => world.isRunning ?? false } as never,
    { client: { chat: { update: take('update'), stopStream: take('stop') } }, running, logger } as never,
    { readMessage: async () => ('now' in world ? world.now : thread.at(-1)) } as never,
    { botUserId: bot, teamId: 'T1', workspaceHost: 'meadow.slack.com' },
    logger as never,
  );
  return { calls, lines, running, mark: () => interrupted.mark('C1', thread, english) };
}

describe('an answer that broke off', () => {
  it('says so, keeps its text, and can be asked again', async () => {
    const { calls, mark } = marking([asked, half()]);
    await mark();
    expect(calls).toMatchObject([
      {
        method: 'update',
        channel: 'C1',
        ts: '2.0',
        text: 'A c',
        blocks: [
          { type: 'markdown', text: 'A c' },
          { type: 'context', elements: [{ text: `_${english.interrupted}_` }] },
          { type: 'actions', elements: [{ action_id: 'regenerate' }] },
        ],
        metadata: { event_payload: { state: 'broken-off', question: 'C1:1.0', asker: 'U1' } },
      },
    ]);
  });

  it('before its first word is a notice', async () => {
    const { calls, mark } = marking([asked, half('running', '')]);
    await mark();
    expect(calls[0]).toMatchObject({ metadata: { event_payload: { state: 'notice' } } });
  });

  it('as a stream is ended first, and belongs to the last who spoke before it', async () => {
    const other = slackMessage.parse({ ts: '1.5', user: 'U2' });
    const byBot = slackMessage.parse({ ts: '1.7', user: bot });
    const { calls, mark } = marking([asked, other, byBot, stream]);
    await mark();
    expect(calls).toMatchObject([
      { method: 'stop', channel: 'C1', ts: '2.0' },
      { method: 'update', metadata: { event_payload: { question: 'C1:1.5', asker: 'U2' } } },
    ]);
  });

  it('as a stream that Slack had ended is marked all the same', async () => {
    const { calls, lines, mark } = marking([asked, stream], { refusal: 'message_not_in_streaming_state' });
    await mark();
    expect(calls.map(({ method }) => method)).toEqual(['stop', 'update']);
    expect(lines).toEqual([]);
  });

  it('that cannot be marked is told to the log', async () => {
    const { calls, lines, mark } = marking([asked, stream], { refusal: 'not_authed' });
    await mark();
    expect(calls).toHaveLength(1);
    expect(lines).toEqual(['A half answer could not be marked as such: not_authed']);
  });
});

describe('nothing is marked', () => {
  it.each<[string, readonly SlackMessage[], World]>([
    ['of answers that are whole', [asked, half('done')], {}],
    ['of what others wrote', [asked, half('running', 'A', { user: 'U2' })], {}],
    [
      'of what the bot wrote without a mark',
      [asked, slackMessage.parse({ ts: '2.0', user: bot, text: 'A' })],
      {},
    ],
    ['of a stream that nobody asked for', [stream], {}],
    ['of an answer that ended meanwhile', [asked, half()], { now: half('done') }],
    ['of an answer that was deleted meanwhile', [asked, half()], { now: undefined }],
    ['of an answer that another process writes', [asked, half()], { isRunning: true }],
  ])('%s', async (_what, thread, world) => {
    const { calls, mark } = marking(thread, world);
    await mark();
    expect(calls).toEqual([]);
  });

  it('of an answer that this process writes', async () => {
    const { calls, running, mark } = marking([asked, half()]);
    running.begin('C1', '2.0');
    await mark();
    expect(calls).toEqual([]);
  });
});
