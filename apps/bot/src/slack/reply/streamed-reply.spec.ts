import { WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api';

import { ReplyGoneError } from '../../contract/index.js';
import { english } from '../../words/english.js';
import { EditPace } from './edit-pace.js';
import { streamMark } from './outgoing-text.js';
import type { ReplyTools } from './reply-context.js';
import { RunningReplies } from './running-replies.js';
import { StreamedReply } from './streamed-reply.js';

const refused = (error: string) => new WebAPIPlatformError({ ok: false, error });
const done = { state: 'done', notes: [], actions: [] } as const;

type Call = Readonly<Record<string, unknown>> & { readonly method: string };

function streamed(answer: (call: Call) => unknown = () => undefined) {
  const calls: Call[] = [];
  const make = async (method: string, details: object) => {
    const call = { method, ...details };
    calls.push(call);
    const starts = calls.filter((other) => other.method === 'startStream').length;
    return (await answer(call)) ?? { ok: true, ts: `${starts}.0`, channel: 'D1' };
  };
  const take = (method: string) => (details: object) => make(method, details);
  const running = new RunningReplies();
  const client = {
    chat: { startStream: take('startStream'), postMessage: take('post'), update: take('update') },
    assistant: { threads: { setStatus: take('status') } },
    apiCall: make,
  };
  const logger = { debug: () => {}, warn: () => {} };
  const tools = { client, pace: new EditPace(running), running, logger };
  const subject = {
    channel: 'D1',
    threadTs: '0.5',
    control: { question: 'D1:0.5', asker: 'U1' },
    prompt: undefined,
    heading: undefined,
    words: english,
  };
  const reply = new StreamedReply(tools as unknown as ReplyTools, subject, 'T1', logger as never);
  return { reply, calls, running };
}

const record = (state: string) => ({
  event_type: 'minigpt4_chat_reply',
  event_payload: { state, question: 'D1:0.5', asker: 'U1' },
});

describe('a reply through a stream of Slack', () => {
  it('begins with its mark, grows by what is new, and ends with its record', async () => {
    const { reply, calls, running } = streamed();
    await reply.append('A', 'A');
    expect(running.has('D1', '1.0')).toBe(true);
    await reply.append(' cat', 'A cat');
    await reply.append('', 'A cat');
    await reply.finish(done);
    expect(calls).toEqual([
      {
        method: 'startStream',
        channel: 'D1',
        thread_ts: '0.5',
        markdown_text: `${streamMark}A`,
        recipient_team_id: 'T1',
        recipient_user_id: 'U1',
      },
      { method: 'chat.appendStream', channel: 'D1', ts: '1.0', markdown_text: ' cat' },
      { method: 'chat.stopStream', channel: 'D1', ts: '1.0', blocks: [], metadata: record('done') },
    ]);
    expect(running.has('D1', '1.0')).toBe(false);
    expect([reply.interval(), reply.maxLength]).toEqual([1_000, 3_000]);
  });

  it('keeps a "<" at its end back, which may begin a mention, until more or the end comes', async () => {
    const { reply, calls } = streamed();
    await reply.append('a <', 'a <');
    await reply.append('@U1> <', 'a <@U1> <');
    await reply.finish(done);
    expect(calls).toMatchObject([
      { markdown_text: `${streamMark}a ` },
      { markdown_text: '<\u200B@U1> ' },
      { method: 'chat.stopStream', markdown_text: '<' },
    ]);
  });

  it('of a "<" alone begins with what comes next', async () => {
    const { reply, calls } = streamed();
    await reply.append('<', '<');
    expect(calls).toEqual([]);
    await reply.append('b', '<b');
    expect(calls).toMatchObject([{ method: 'startStream', markdown_text: `${streamMark}<b` }]);
  });

  it('goes on in another message after 11,000 characters, and not before', async () => {
    const { reply, calls, running } = streamed();
    const text = 'x'.repeat(11_001);
    await reply.append('', text.slice(0, 10_999));
    await reply.append('', text.slice(0, 11_000));
    expect(calls.map(({ method }) => method)).toEqual(['startStream', 'chat.appendStream']);
    await reply.append('', text);
    expect(calls.slice(2)).toMatchObject([
      { method: 'chat.stopStream', ts: '1.0', metadata: record('done') },
      { method: 'startStream', markdown_text: `${streamMark}x` },
    ]);
    expect([running.has('D1', '1.0'), running.has('D1', '2.0')]).toEqual([false, true]);
    await reply.append('', `${text}${'y'.repeat(10_999)}`);
    expect(calls.at(-1)).toMatchObject({ method: 'chat.appendStream', ts: '2.0' });
  });

  it('says that it broke off when it was stopped, with its buttons', async () => {
    const { reply, calls } = streamed();
    await reply.append('A', 'A');
    await reply.finish({ state: 'stopped', status: 'Stopped.', notes: [], actions: ['regenerate'] });
    expect(calls.at(-1)).toMatchObject({
      blocks: [{ type: 'context', elements: [{ text: '_Stopped._' }] }, { type: 'actions' }],
      metadata: record('broken-off'),
    });
  });

  it('says what is happening before the first text, and goes on where Slack does not show it', async () => {
    const { reply, calls } = streamed(({ method }) => {
      if (method === 'status') throw refused('not_allowed');
    });
    await reply.showStatus('Looking…');
    expect(calls).toEqual([{ method: 'status', channel_id: 'D1', thread_ts: '0.5', status: 'Looking…' }]);
  });

  it('that never began is posted', async () => {
    const { reply, calls } = streamed();
    await reply.finish({ ...done, state: 'failed', status: 'It failed.' });
    expect(calls).toMatchObject([{ method: 'post', thread_ts: '0.5', text: 'It failed.' }]);
  });

  it('goes on as an edited message when Slack ends the stream', async () => {
    const { reply, calls } = streamed(({ method }) => {
      if (method === 'chat.appendStream') throw refused('message_not_in_streaming_state');
    });
    await reply.append('A', 'A');
    await reply.append(' cat', 'A cat');
    await reply.finish(done);
    expect(calls.slice(2)).toMatchObject([
      { method: 'update', ts: '1.0', text: 'A cat', metadata: record('running') },
      { method: 'update', ts: '1.0', text: 'A cat', metadata: record('done') },
    ]);
    expect(calls).toHaveLength(4);
  });

  it('is posted and edited where Slack offers no streams', async () => {
    const { reply, calls } = streamed(({ method }) => {
      if (method === 'startStream') throw refused('feature_not_enabled');
    });
    await reply.append('A', 'A');
    await reply.finish(done);
    expect(calls.map(({ method }) => method)).toEqual(['startStream', 'post', 'update']);
  });

  it('is edited at its end when Slack had ended the stream before', async () => {
    const { reply, calls } = streamed(({ method }) => {
      if (method === 'chat.stopStream') throw refused('message_not_in_streaming_state');
    });
    await reply.append('A', 'A');
    await reply.finish(done);
    expect(calls.at(-1)).toMatchObject({ method: 'update', ts: '1.0', metadata: record('done') });
  });

  it('edits every message of a long rest', async () => {
    const { reply, calls } = streamed(({ method }) => {
      if (method === 'startStream') throw refused('feature_not_enabled');
    });
    await reply.append('', 'word '.repeat(700).trim());
    const posts = calls.filter(({ method }) => method === 'post');
    expect(posts).toMatchObject([{ metadata: record('done') }, { metadata: record('running') }]);
    expect(posts).toHaveLength(2);
  });

  it('ends when its reader stopped it', async () => {
    const { reply, running } = streamed(({ method }) => {
      if (method === 'chat.appendStream') throw refused('stopped_by_user');
    });
    await reply.append('A', 'A');
    await expect(reply.append('B', 'AB')).rejects.toBeInstanceOf(ReplyGoneError);
    expect(running.has('D1', '1.0')).toBe(false);
  });

  it('takes a used-up rate and a broken connection as failures of one call', async () => {
    for (const error of [new WebAPIRateLimitedError(5), new Error('cut')]) {
      let fails = true;
      const { reply, calls } = streamed(({ method }) => {
        if (fails && method === 'chat.appendStream') throw error;
      });
      await reply.append('A', 'A');
      await expect(reply.append('B', 'AB')).rejects.toBe(error);
      fails = false;
      await reply.append('C', 'ABC');
      expect(calls.at(-1)).toMatchObject({ method: 'chat.appendStream', markdown_text: 'BC' });
    }
  });
});
