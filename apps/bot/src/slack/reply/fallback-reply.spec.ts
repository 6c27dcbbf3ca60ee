import { WebAPIPlatformError } from '@slack/web-api';

import { ReplyGoneError, type ReplyView } from '../../contract/index.js';
import { english } from '../../words/english.js';
import { PlaceRefusedError } from './api-errors.js';
import { EditPace } from './edit-pace.js';
import { replyPrivately, replyWithFallbacks } from './fallback-reply.js';
import type { ReplyTools } from './reply-context.js';
import { RunningReplies } from './running-replies.js';

const done: ReplyView = { state: 'done', text: 'A cat.', notes: [], actions: [] };
const subject = {
  channel: 'C1',
  threadTs: '0.5',
  control: { question: 'q', asker: 'U1' },
  prompt: { text: '', wish: 'chat' as const, images: [] },
  heading: '*Asked*',
  words: english,
};

/** A Slack that takes messages in these channels alone. */
function slackTaking(channels: readonly string[]) {
  const posts: Record<string, unknown>[] = [];
  const lines: string[] = [];
  const postMessage = async (post: Record<string, unknown>) => {
    posts.push(post);
    if (!channels.includes(String(post.channel)))
      throw new WebAPIPlatformError({ ok: false, error: 'not_in_channel' });
    return { ok: true, ts: '1.0', channel: post.channel };
  };
  const running = new RunningReplies();
  const logger = { warn: (line: string) => lines.push(line) };
  const client = { chat: { postMessage } };
  const tools = { client, pace: new EditPace({ count: 0 }), running, logger } as unknown as ReplyTools;
  return { posts, lines, tools };
}

const aloneTaking = (takes: boolean) => {
  const shown: unknown[] = [];
  const show = async (_index: number, view: ReplyView) => {
    if (!takes) throw new PlaceRefusedError('used_url');
    shown.push(view);
  };
  return { shown, sink: { kind: 'edit', maxLength: 3_000, interval: () => 7, show } as const };
};

describe('a reply that Slack refuses in its place', () => {
  it('stays there when it is taken', async () => {
    const { posts, lines, tools } = slackTaking(['C1']);
    const reply = replyWithFallbacks(tools, subject);
    expect(reply.interval()).toBe(1_000);
    await reply.show(0, done);
    expect(posts).toHaveLength(1);
    expect(posts[0]).toMatchObject({ channel: 'C1', thread_ts: '0.5' });
    expect(lines).toEqual([]);
  });

  it('goes on plainly in the channel, then directly to the asker with where the answer belongs', async () => {
    const { posts, lines, tools } = slackTaking(['U1']);
    await replyWithFallbacks(tools, subject).show(0, done);
    expect(posts).toMatchObject([
      { channel: 'C1', thread_ts: '0.5' },
      { channel: 'C1', blocks: [] },
      { channel: 'U1', blocks: [{ elements: [{ text: english.slack.answeredHere('<#C1>') }] }, {}] },
    ]);
    expect(posts[1]).not.toHaveProperty('thread_ts');
    expect(posts[2]).not.toHaveProperty('thread_ts');
    expect(posts[2]).toHaveProperty('metadata.event_payload', { state: 'done', question: 'q', asker: 'U1' });
    expect(lines).toEqual([
      'Slack took no reply to C1 (not_in_channel); it goes as a plain message to C1.',
      'Slack took no reply as a plain message to C1 (not_in_channel); it goes to U1 directly.',
    ]);
  });

  it('goes to the asker alone first where a command can be answered so', async () => {
    const { posts, tools } = slackTaking(['U1']);
    const alone = aloneTaking(true);
    const reply = replyWithFallbacks(tools, subject, { alone: alone.sink });
    await reply.show(0, done);
    expect([posts.length, alone.shown]).toEqual([2, [done]]);
    expect(reply.interval()).toBe(7);
  });

  it('is gone when nobody can be told', async () => {
    const { lines, tools } = slackTaking([]);
    const reply = replyWithFallbacks(tools, subject);
    await expect(reply.show(0, done)).rejects.toBeInstanceOf(ReplyGoneError);
    expect(lines.at(-1)).toContain('it goes nowhere, so that nobody reads this answer.');
    expect(reply.interval()).toBe(0);
  });

  it('to the asker alone goes on directly', async () => {
    const { posts, tools } = slackTaking(['U1']);
    await replyPrivately(tools, subject, aloneTaking(false).sink).show(0, done);
    expect(posts).toMatchObject([{ channel: 'U1', metadata: { event_payload: { state: 'done' } } }]);
    expect(posts[0]).not.toHaveProperty('thread_ts');
    expect(posts[0]).not.toHaveProperty('metadata.event_payload.prompt');
  });

  it('fails as the call does when that is no refusal', async () => {
    const { tools } = slackTaking([]);
    const cut = new Error('cut');
    Object.assign(tools.client.chat, { postMessage: () => Promise.reject(cut) });
    await expect(replyWithFallbacks(tools, subject).show(0, done)).rejects.toBe(cut);
  });
});
