import type { WebClient } from '@slack/web-api';
import { streamMark } from '../reply/outgoing-text.js';
import { toMetadata } from '../reply/reply-record.js';
import { answerText, ConversationReader, headingIn } from './conversation-reader.js';
import { type SlackMessage, slackMessage } from './slack-message.js';

const bot = 'UBOT';
const viewer = { user: 'U1', channel: 'C1' };

const message = (content: Readonly<Record<string, unknown>>) => slackMessage.parse({ ts: '1.0', ...content });
const markdown = (text: string) => ({ type: 'markdown', text });
const recorded = (state: 'running' | 'done' | 'broken-off' | 'notice', prompt?: object) =>
  toMetadata({ state, question: 'q', asker: 'U1', prompt: prompt as never });

/** A reader of a Slack that gives these answers, one after another. */
function readerOf({ pages = [] as object[], isPrivate = false as unknown, images = [] as unknown[] } = {}) {
  const calls: object[] = [];
  const leftOut: string[] = [];
  const next = async (call: object) => {
    calls.push(call);
    return pages[Math.min(calls.length, pages.length) - 1];
  };
  const info = async (call: object) => {
    calls.push(call);
    return { ok: true, channel: { is_private: isPrivate } };
  };
  const client = { conversations: { replies: next, history: next, info } } as unknown as WebClient;
  const reader = new ConversationReader(
    client,
    { botUserId: bot, teamId: 'T1', workspaceHost: 'meadow.slack.com' },
    {
      find: async (of: SlackMessage) => (of.files.length > 0 ? images : []),
      referToPrompt: (image: unknown, seenBy: unknown) => ({ image, seenBy }),
    } as never,
    {
      find: async (texts: readonly string[], channel: string) =>
        new Map([['U7', `${texts.length} in ${channel}`]]),
    } as never,
    { report: (what: readonly string[]) => leftOut.push(...what) } as never,
  );
  return { reader, calls, leftOut };
}

describe('a thread', () => {
  const page = (ts: string, next_cursor?: string) => ({
    messages: [{ ts, text: ts }],
    response_metadata: { next_cursor },
  });

  it('is read page by page to its end', async () => {
    const { reader, calls } = readerOf({ pages: [page('1.0', 'b'), page('2.0', '')] });
    const thread = await reader.readThread('C1', '1.0');
    expect(thread.map(({ ts }) => ts)).toEqual(['1.0', '2.0']);
    const call = { channel: 'C1', ts: '1.0', limit: 200, include_all_metadata: true };
    expect(calls).toEqual([call, { ...call, cursor: 'b' }]);
  });

  it('is read to at most five pages', async () => {
    const { reader, calls } = readerOf({ pages: [page('1.0', 'more')] });
    expect(await reader.readThread('C1', '1.0')).toHaveLength(5);
    expect(calls).toHaveLength(5);
  });

  it('bears the records of the bot alone, and what is unreadable is reported', async () => {
    const metadata = recorded('done');
    const messages = [
      { ts: '1.0', user: bot, metadata },
      { ts: '2.0', user: 'U1', metadata, files: [{}] },
      { text: 'no time' },
    ];
    const { reader, leftOut } = readerOf({ pages: [{ messages }] });
    const thread = await reader.readThread('C1', '1.0');
    expect(thread.map((one) => one.metadata)).toEqual([metadata, undefined]);
    expect(leftOut).toEqual(['message: ts, not string', 'file: id, not string']);
  });
});

describe('one message', () => {
  it('is found by its time, in its thread', async () => {
    const pages = [{ messages: [{ ts: '1.0' }, { ts: '2.0', text: 'this' }] }];
    const { reader, calls } = readerOf({ pages });
    await expect(reader.readMessage('C1', '2.0', '1.0')).resolves.toMatchObject({ text: 'this' });
    await expect(reader.readMessage('C1', '3.0')).resolves.toBeUndefined();
    const common = { channel: 'C1', inclusive: true, limit: 2, include_all_metadata: true };
    expect(calls).toEqual([
      { ...common, ts: '1.0', oldest: '2.0', latest: '2.0' },
      { ...common, ts: '3.0', oldest: '3.0', latest: '3.0' },
    ]);
  });

  it('of the newest is as many as asked for', async () => {
    const { reader, calls } = readerOf({ pages: [{ messages: [{ ts: '2.0' }, { ts: '1.0' }] }] });
    expect(await reader.readNewest('C1', 15)).toHaveLength(2);
    expect(calls).toEqual([{ channel: 'C1', limit: 15 }]);
  });
});

describe('a link to a message may be read', () => {
  it.each([
    ['in the channel itself, though it is private', 'C1', true, true],
    ['in a public channel', 'C2', false, true],
    ['not in a private channel', 'C2', true, false],
    ['not in one of which Slack does not say', 'C2', null, false],
    ['not in the direct messages of others', 'D2', false, false],
  ])('%s', async (_where, channel, isPrivate, mayRead) => {
    await expect(readerOf({ isPrivate }).reader.mayRead(channel, viewer)).resolves.toBe(mayRead);
  });

  it('in direct messages of one’s own', async () => {
    await expect(readerOf().reader.mayRead('D1', { user: 'U1', channel: 'D1' })).resolves.toBe(true);
  });
});

describe('a conversation for the model', () => {
  const told = (...contents: Readonly<Record<string, unknown>>[]) =>
    readerOf({ images: ['picture'] }).reader.toChat(contents.map(message), 'C1');

  it('has what people say, with names, and their pictures', async () => {
    await expect(
      told({ user: 'U1', text: `<@${bot}> who is <@U7>?`, files: [{ id: 'F1' }] }),
    ).resolves.toEqual([
      {
        id: '1.0',
        author: { kind: 'user', id: 'U1' },
        text: 'who is @1 in C1?',
        images: ['picture'],
        warnings: [],
      },
    ]);
  });

  it('has code with the indentation of its first line', async () => {
    await expect(told({ user: 'U1', text: `<@${bot}>\n    if x:\n        y()\n` })).resolves.toMatchObject([
      { text: '    if x:\n        y()' },
    ]);
  });

  it('has what people share and paste into their messages, after their own words', async () => {
    const attachments = [{ is_msg_unfurl: true, author_name: 'Ada', text: 'See <@U7>.' }];
    await expect(told({ user: 'U1', text: 'Right?', attachments })).resolves.toMatchObject([
      { text: 'Right?\nAda\nSee @1 in C1.' },
    ]);
  });

  it('has other bots as somebody, and nameless ones', async () => {
    const authors = (await told({ bot_id: 'B1', text: 'a' }, { text: 'b' })).map(({ author }) => author);
    expect(authors).toEqual([
      { kind: 'user', id: 'B1' },
      { kind: 'user', id: 'unknown' },
    ]);
  });

  it('has nothing that Slack says itself', async () => {
    const messages = await told(
      { user: 'U1', subtype: 'channel_join', text: 'joined' },
      { user: 'USLACKBOT', text: 'reminder' },
      { user: 'U1', subtype: 'thread_broadcast', text: 'spoken' },
    );
    expect(messages.map(({ text }) => text)).toEqual(['spoken']);
  });

  it('has no names of emoji that the model sees, but such that it does not', async () => {
    const texts = (
      await told(
        { text: ':bat:', files: [{ id: 'F1' }] },
        { text: ':bat:' },
        { text: 'A :bat:', files: [{ id: 'F1' }] },
      )
    ).map(({ text }) => text);
    expect(texts).toEqual(['', ':bat:', 'A :bat:']);
  });

  it.each([
    ['done', 'A cat.', {}],
    ['running', 'A cat', { unfinished: true }],
    ['broken-off', 'A cat', { unfinished: true }],
    ['notice', 'I may not.', { unfinished: true, notice: true }],
    ['done', '', { notice: true }],
  ] as const)('has an answer that is %s with the text %j as such', async (state, text, marks) => {
    const blocks = text === '' ? [] : [markdown(text)];
    await expect(told({ user: bot, blocks, metadata: recorded(state) })).resolves.toEqual([
      { id: '1.0', author: { kind: 'bot' }, text, images: [], warnings: [], ...marks },
    ]);
  });

  it('has a marked stream as an unfinished answer', async () => {
    await expect(told({ user: bot, blocks: [markdown(`${streamMark}A c`)] })).resolves.toMatchObject([
      { author: { kind: 'bot' }, text: 'A c', unfinished: true },
    ]);
  });

  it('has what other programs write with the bot’s token as somebody’s words', async () => {
    await expect(told({ user: bot, text: 'Deployed.' })).resolves.toMatchObject([
      { author: { kind: 'user', id: bot } },
    ]);
    await expect(
      told({ user: 'U2', blocks: [markdown(`${streamMark}A`)], text: 'A', metadata: recorded('done') }),
    ).resolves.toMatchObject([{ author: { kind: 'user', id: 'U2' } }]);
  });

  it('has the question of a command ahead of its answer', async () => {
    const prompt = {
      text: 'How many?',
      wish: 'chat',
      images: [{ kind: 'link', url: 'https://a.example/a.png' }],
    };
    const messages = await told({
      user: bot,
      blocks: [markdown('Two.')],
      metadata: recorded('done', prompt),
    });
    expect(messages).toEqual([
      {
        id: '1.0:prompt',
        author: { kind: 'user', id: 'U1' },
        text: 'How many?',
        images: [{ image: prompt.images[0], seenBy: viewer }],
        warnings: [],
      },
      { id: '1.0', author: { kind: 'bot' }, text: 'Two.', images: [], warnings: [] },
    ]);
  });
});

describe('the answer in a message', () => {
  it('is its markdown as it was written, or else its text', () => {
    const blocks = [markdown('<\u200B@U1>'), { type: 'section' }, { type: 'markdown' }, markdown('b')];
    expect(answerText(message({ text: 'other', blocks }))).toBe('<@U1>\nb');
    expect(answerText(message({ text: '1 &lt; 2' }))).toBe('1 < 2');
  });
});

describe('the heading of an answer', () => {
  const context = { type: 'context', elements: [{ type: 'mrkdwn', text: '<@U1> asks' }] };
  const prompt = { text: '', wish: 'chat', images: [] };

  it('is the first line of one that keeps its question', () => {
    const metadata = recorded('done', prompt);
    expect(headingIn(message({ blocks: [context], metadata }))).toBe('<@U1> asks');
    expect(headingIn(message({ blocks: [markdown('A'), context], metadata }))).toBeUndefined();
    expect(headingIn(message({ blocks: [{ ...context, elements: [] }], metadata }))).toBeUndefined();
  });

  it('is on no other', () => {
    expect(headingIn(message({ blocks: [context], metadata: recorded('done') }))).toBeUndefined();
    expect(headingIn(message({ blocks: [context] }))).toBeUndefined();
  });
});
