import { ChannelType, type Message, MessageReferenceType, SnowflakeUtil } from 'discord.js';

import { EarlierMessages, isReply, isThreadLike } from './earlier-messages.js';

const bot = '1';
type Where = 'channel' | 'thread' | 'direct';

interface World {
  readonly where?: Where;
  /** What was said before the question, newest first, as Discord gives it. */
  readonly before?: readonly Message[] | undefined;
  readonly remembered?: readonly Message[];
  readonly fetched?: Readonly<Record<string, Message>>;
  readonly starter?: Message | null;
}

function placed(world: World) {
  const { where = 'channel', before, remembered = [], fetched = {}, starter = null } = world;
  const calls: unknown[] = [];
  const cache = new Map(remembered.map((message) => [message.id, message]));
  const channel = {
    id: '3',
    type: where === 'direct' ? ChannelType.DM : ChannelType.GuildText,
    isThread: () => where === 'thread',
    isDMBased: () => where === 'direct',
    messages: {
      cache: { filter: (test: (message: Message) => boolean) => [...cache.values()].filter(test) },
      fetch: async (what: unknown) => {
        calls.push(what);
        if (typeof what === 'string') {
          const message = fetched[what];
          if (!message) throw new Error('Unknown Message');
          return message;
        }
        if (!before) throw new Error('Missing Access');
        return new Map(before.map((message) => [message.id, message]));
      },
    },
    fetchStarterMessage: async () => {
      if (starter === null) throw new Error('Unknown Message');
      return starter;
    },
  };
  return { channel, calls };
}

const said = (id: string, content: object = {}, channel: object = { isThread: () => false }) =>
  ({
    id,
    channelId: '3',
    author: { id: '7' },
    content: '',
    client: { user: { id: bot } },
    attachments: new Map(),
    messageSnapshots: new Map(),
    components: [],
    partial: false,
    reference: null,
    channel,
    ...content,
  }) as unknown as Message;
const to = (messageId: string, more: object = {}) => ({
  reference: { messageId, channelId: '3', type: MessageReferenceType.Default, ...more },
});
const byBot = { author: { id: bot } };

/** Which message a question, or one before it, follows on. */
async function parent(world: World, content: object = {}, limit = 50) {
  const { channel, calls } = placed(world);
  const question = said('100', content, channel);
  const earlier = new EarlierMessages(question, limit);
  const idOf = async (message: Message) => (await earlier.findParent(message))?.id;
  return {
    id: await idOf(question),
    calls,
    of: (id: string, more: object = {}) => idOf(said(id, more, channel)),
  };
}

describe('a reply', () => {
  it.each([
    ['to a message of its channel', to('50'), true],
    ['to nothing', {}, false],
    ['that forwards', to('50', { type: MessageReferenceType.Forward }), false],
    ['to another channel', to('50', { channelId: '4' }), false],
  ])('%s: %3$s', (_what, content, is) => {
    expect(isReply(said('100', content))).toBe(is);
  });
});

it.each([
  ['thread', true],
  ['direct', true],
  ['channel', false],
] as const)('a %s is one conversation: %s', (where, is) => {
  expect(isThreadLike(said('100', {}, placed({ where }).channel))).toBe(is);
});

describe('in a channel a message follows', () => {
  it('the one it replies to, as it is now', async () => {
    const now = said('50', { content: 'whole' });
    const half = said('50', { partial: true, fetch: async (force: boolean) => force && now });
    expect((await parent({ fetched: { 50: half } }, to('50'))).id).toBe('50');
    expect((await parent({ fetched: {} }, to('50'))).id).toBeUndefined();
  });

  it('nothing where it replies to nothing', async () => {
    const { id, calls } = await parent({ before: [said('90')] });
    expect([id, calls]).toEqual([undefined, []]);
  });
});

describe('in a thread a message follows', () => {
  it('the one before, of as many as are asked for and no more than a hundred', async () => {
    const world = { where: 'thread', before: [said('90'), said('80')] } as const;
    const { id, calls, of } = await parent(world);
    expect([id, calls]).toEqual(['90', [{ before: '100', limit: 50 }]]);
    await expect(of('90')).resolves.toBe('80');
    expect(calls).toHaveLength(1);
    expect((await parent(world, {}, 101)).calls).toEqual([{ before: '100', limit: 100 }]);
  });

  it('for one that is not among them, the last of those before it', async () => {
    const { of } = await parent({ where: 'thread', before: [said('90'), said('80')] });
    await expect(of('85')).resolves.toBe('80');
    await expect(of('9')).resolves.toBeUndefined();
  });

  it('the one it replies to where a person replies, the one before where the bot does', async () => {
    const world = { where: 'thread', before: [said('90')], fetched: { 50: said('50') } } as const;
    expect((await parent(world, to('50'))).id).toBe('50');
    expect((await parent(world, { ...to('50'), ...byBot })).id).toBe('90');
  });

  it('an answer that stands below a later question follows its own', async () => {
    const before = [said('95', { ...byBot, ...to('80') }), said('90'), said('80')];
    const { id, of } = await parent({ where: 'thread', before });
    expect(id).toBe('90');
    await expect(of('90')).resolves.toBe('95');
    await expect(of('95')).resolves.toBe('80');
  });

  it('answers of the bot that came after the question count to what they answer; others’ messages do not', async () => {
    const remembered = [
      said('120', { ...byBot, ...to('90') }),
      said('121', to('90')),
      said('60', { ...byBot, ...to('80') }),
    ];
    const { id, of } = await parent({ where: 'thread', before: [said('90'), said('80')], remembered });
    expect(id).toBe('120');
    await expect(of('120')).resolves.toBe('90');
    await expect(of('90')).resolves.toBe('80');
  });

  it('the message that the thread began with, where nothing stands before', async () => {
    const starter = said('3');
    const world = { where: 'thread', before: [], starter } as const;
    const { id, of } = await parent(world);
    expect(id).toBe('3');
    await expect(of('3')).resolves.toBeUndefined();
    expect((await parent({ where: 'thread', before: [] })).id).toBeUndefined();
    expect((await parent({ where: 'thread', before: undefined, starter })).id).toBe('3');
  });
});

describe('in direct messages a message follows', () => {
  const world = { where: 'direct', before: [said('90')] } as const;
  it.each<[string, object, string | undefined]>([
    ['the one before', { content: 'and this?' }, '90'],
    ['nothing with a picture of its own', { attachments: new Map([['a', {}]]) }, undefined],
    ['nothing where it forwards', { messageSnapshots: new Map([['a', {}]]) }, undefined],
    ['nothing where it mentions the bot', { content: 'hey <@!1> what' }, undefined],
    ['the one before where the bot posted pictures', { ...byBot, attachments: new Map([['a', {}]]) }, '90'],
  ])('%s', async (_what, content, id) => {
    expect((await parent(world, content)).id).toBe(id);
  });
});

it('ids are compared as numbers', async () => {
  const long = String(SnowflakeUtil.generate());
  const { of } = await parent({ where: 'thread', before: [said('99'), said('9')] });
  await expect(of(long)).resolves.toBe('100');
  await expect(of('10')).resolves.toBe('9');
});
