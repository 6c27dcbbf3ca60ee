import { WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api';

import { ReplyGoneError, type ReplyView } from '../../contract/index.js';
import { english } from '../../words/english.js';
import { PlaceRefusedError } from './api-errors.js';
import { EditPace, minIntervalMs } from './edit-pace.js';
import { PostedReply, recordState } from './posted-reply.js';
import type { ReplySubject, ReplyTools } from './reply-context.js';
import { RunningReplies } from './running-replies.js';

const refused = (error: string) => new WebAPIPlatformError({ ok: false, error });
const view = (content: Partial<ReplyView>): ReplyView => ({
  state: 'streaming',
  text: '',
  notes: [],
  actions: [],
  ...content,
});

type Call = Readonly<Record<string, unknown>> & { readonly method: string };

/** Slack's part of a reply: what was called, each call answered by what `answer` says. */
function fakeSlack(answer: (call: Call) => unknown = () => undefined) {
  const calls: Call[] = [];
  const take = (method: string) => async (details: object) => {
    const call = { method, ...details };
    calls.push(call);
    const ts = `${calls.filter((other) => other.method === 'post').length}.0`;
    return (await answer(call)) ?? { ok: true, ts, channel: 'C1' };
  };
  const running = new RunningReplies();
  const lines: string[] = [];
  const client = {
    chat: { postMessage: take('post'), update: take('update'), postEphemeral: take('ephemeral') },
  };
  const pace = new EditPace(running);
  const tools = { client, pace, running, logger: { warn: (line: string) => lines.push(line) } };
  return { calls, running, lines, pace, tools: tools as unknown as ReplyTools };
}

const subject: ReplySubject = {
  channel: 'C1',
  threadTs: '0.5',
  control: { question: 'C1:0.5', asker: 'U1' },
  prompt: undefined,
  heading: '*Asked*',
  words: english,
};

describe('a reply that is posted', () => {
  it('begins in the thread, with what was asked, its record and no previews of links', async () => {
    const slack = fakeSlack();
    await new PostedReply(slack.tools, subject).show(0, view({ text: 'A cat' }));
    expect(slack.calls).toEqual([
      {
        method: 'post',
        channel: 'C1',
        text: 'A cat',
        blocks: [
          { type: 'context', elements: [{ type: 'mrkdwn', text: '*Asked*' }] },
          { type: 'markdown', text: 'A cat' },
        ],
        thread_ts: '0.5',
        metadata: {
          event_type: 'minigpt4_chat_reply',
          event_payload: { state: 'running', question: 'C1:0.5', asker: 'U1' },
        },
        unfurl_links: false,
        unfurl_media: false,
      },
    ]);
    expect(slack.running.has('C1', '1.0')).toBe(true);
    expect(slack.pace.interval('C1')).toBeGreaterThan(0);
  });

  it('is edited while it grows, and at its end counts as running no more', async () => {
    const slack = fakeSlack();
    const reply = new PostedReply(slack.tools, subject, ['7.0']);
    await reply.show(0, view({ text: 'A' }));
    expect(slack.running.has('C1', '7.0')).toBe(true);
    await reply.show(0, view({ state: 'done', text: 'A cat.' }));
    expect(slack.running.has('C1', '7.0')).toBe(false);
    expect(slack.calls).toMatchObject([
      { method: 'update', channel: 'C1', ts: '7.0', text: 'A' },
      {
        method: 'update',
        channel: 'C1',
        ts: '7.0',
        text: 'A cat.',
        metadata: { event_payload: { state: 'done' } },
      },
    ]);
    expect(reply.interval()).toBe(1_000);
    expect(reply.maxLength).toBe(3_000);
  });

  it('says what was asked above its first message alone, and goes on in its own thread', async () => {
    const slack = fakeSlack();
    const reply = new PostedReply(slack.tools, { ...subject, threadTs: undefined });
    await reply.show(0, view({ state: 'done', text: 'One' }));
    await reply.show(1, view({ state: 'done', text: 'Two' }));
    expect(slack.calls[0]).not.toHaveProperty('thread_ts');
    expect(slack.calls[1]).toMatchObject({ thread_ts: '1.0', blocks: [{ type: 'markdown', text: 'Two' }] });
  });

  it('goes on in the channel that Slack names when it began with a person', async () => {
    const slack = fakeSlack(({ method }) =>
      method === 'post' ? { ok: true, ts: '1.0', channel: 'D9' } : undefined,
    );
    const reply = new PostedReply(slack.tools, { ...subject, channel: 'U1' });
    await reply.show(0, view({ text: 'A' }));
    await reply.show(0, view({ state: 'done', text: 'A.' }));
    expect(slack.calls.map(({ channel }) => channel)).toEqual(['U1', 'D9']);
  });

  it('gives an edit up rather than waiting longer than a second, but not the last one', async () => {
    const slack = fakeSlack();
    const reply = new PostedReply(slack.tools, subject, ['7.0']);
    slack.pace.noteRefusal(30);
    await expect(reply.show(0, view({ text: 'A' }))).rejects.toThrow('Slack takes no edit for another');
    await expect(reply.show(0, view({ state: 'thinking' }))).rejects.toThrow('Slack takes no edit');
    expect(slack.calls).toEqual([]);
    await reply.show(0, view({ state: 'done', text: 'A.' }));
    expect(slack.calls).toHaveLength(1);
  });

  it('waits with an edit until the pace allows it', async () => {
    const slack = fakeSlack();
    const edited = Date.now();
    slack.pace.noteEdit('C1', edited);
    await new PostedReply(slack.tools, subject, ['7.0']).show(0, view({ text: 'A' }));
    // A timer may fire a little before its time.
    expect(Date.now() - edited).toBeGreaterThan(minIntervalMs - 10);
  });

  it('leaves all edits for as long as Slack asks', async () => {
    const slack = fakeSlack(() => {
      throw new WebAPIRateLimitedError(20);
    });
    await expect(
      new PostedReply(slack.tools, subject, ['7.0']).show(0, view({ text: 'A' })),
    ).rejects.toThrow();
    expect(slack.pace.interval('C2')).toBeGreaterThan(15_000);
  });

  it('tries its last edit again when Slack asks to wait', async () => {
    let refusals = 1;
    const slack = fakeSlack(() => {
      if (refusals-- > 0) throw new WebAPIRateLimitedError(0);
    });
    await new PostedReply(slack.tools, subject, ['7.0']).show(0, view({ state: 'done', text: 'A' }));
    expect(slack.calls).toHaveLength(2);
  });

  it('goes on without blocks and record where those are refused, and says so in the log', async () => {
    const slack = fakeSlack(({ blocks }) => {
      if ((blocks as unknown[]).length > 0) throw refused('invalid_blocks');
    });
    const reply = new PostedReply(slack.tools, subject);
    await reply.show(0, view({ state: 'done', text: '**A**' }));
    expect(slack.calls[1]).toEqual({
      method: 'post',
      channel: 'C1',
      text: '*Asked*\n*A*',
      blocks: [],
      thread_ts: '0.5',
      unfurl_links: false,
      unfurl_media: false,
    });
    expect(slack.lines).toEqual(['Slack took no blocks in C1 (invalid_blocks); the text goes alone.']);
  });

  it('has to go elsewhere where its plain text is refused too', async () => {
    const slack = fakeSlack(() => {
      throw refused('msg_too_long');
    });
    const plain = new PostedReply(slack.tools, subject, [], undefined, 'plain');
    await expect(plain.show(0, view({ text: 'A' }))).rejects.toBeInstanceOf(PlaceRefusedError);
    expect(slack.calls).toHaveLength(1);
  });

  it.each([
    ['message_not_found', ReplyGoneError, false],
    ['is_archived', PlaceRefusedError, false],
    ['internal_error', WebAPIPlatformError, true],
  ])('after %s fails as that, and is running: %3$s', async (code, kind, isRunning) => {
    let fails = false;
    const slack = fakeSlack(() => {
      if (fails) throw refused(code);
    });
    const reply = new PostedReply(slack.tools, subject, ['7.0']);
    await reply.show(0, view({ text: 'A' }));
    fails = true;
    await expect(reply.show(0, view({ state: 'done', text: 'A.' }))).rejects.toBeInstanceOf(kind);
    expect(slack.running.has('C1', '7.0')).toBe(isRunning);
  });

  it('tells a refusal to the asker alone', async () => {
    const slack = fakeSlack();
    const notice = view({ state: 'refused', status: 'Not here.' });
    await new PostedReply(slack.tools, subject).show(0, notice);
    await new PostedReply(slack.tools, { ...subject, threadTs: undefined }).show(0, notice);
    expect(slack.calls).toMatchObject([
      { method: 'ephemeral', channel: 'C1', user: 'U1', text: 'Not here.', thread_ts: '0.5' },
      { method: 'ephemeral', channel: 'C1', user: 'U1', text: 'Not here.' },
    ]);
    expect(slack.calls[1]).not.toHaveProperty('thread_ts');
  });

  it('tells it where a command can be answered, in direct messages as it is, and else in place of what stands there', async () => {
    const slack = fakeSlack();
    const notice = view({ state: 'refused', status: 'Not here.' });
    const shown: unknown[] = [];
    const alone = {
      kind: 'edit',
      maxLength: 1,
      interval: () => 0,
      show: async (...all: unknown[]) => void shown.push(all),
    };
    await new PostedReply(slack.tools, subject, [], alone as never).show(0, notice);
    expect([shown, slack.calls]).toEqual([[[0, notice]], []]);
    await new PostedReply(slack.tools, { ...subject, channel: 'U1' }).show(0, notice);
    await new PostedReply(slack.tools, subject, ['7.0']).show(0, notice);
    expect(slack.calls).toMatchObject([
      { method: 'post', channel: 'U1' },
      { method: 'update', ts: '7.0' },
    ]);
  });

  it('without a timestamp is posted anew the next time', async () => {
    const slack = fakeSlack(() => ({ ok: true }));
    const reply = new PostedReply(slack.tools, subject);
    await reply.show(0, view({ text: 'A' }));
    await reply.show(0, view({ text: 'A' }));
    expect(slack.calls.map(({ method }) => method)).toEqual(['post', 'post']);
  });
});

describe('the record of a message', () => {
  it.each([
    ['thinking', '', 'running'],
    ['streaming', 'A', 'running'],
    ['done', 'A', 'done'],
    ['stopped', 'A', 'broken-off'],
    ['stopped', '', 'notice'],
    ['failed', 'A', 'broken-off'],
    ['refused', '', 'notice'],
  ] as const)('of a reply that is %s with the text %j says %s', (state, text, record) => {
    expect(recordState({ state, text })).toBe(record);
  });
});
