import { type Message, MessageType } from 'discord.js';
import { Settings } from '../../config/settings.js';
import { Closing } from '../../contract/index.js';
import { english } from '../../words/english.js';
import { MessageListener } from './messages.js';

const bot = { id: '1' };

interface Content {
  readonly id?: string;
  readonly content?: string;
  readonly author?: object;
  readonly webhookId?: string;
  readonly type?: MessageType;
  readonly direct?: boolean;
  readonly editedTimestamp?: number | null;
  readonly partial?: boolean;
  readonly mentionsBot?: boolean;
  /** The roles it mentions; the bot's own is "9". */
  readonly roles?: readonly string[];
  readonly repliesTo?: string;
  /** Whose the messages are that discord.js remembers. */
  readonly remembered?: Readonly<Record<string, { id: string }>>;
  /** What was said later; undefined where that may not be read. */
  readonly later?: readonly object[] | undefined;
  readonly sendable?: boolean;
  readonly fetches?: unknown[];
}

function message(content: Content = {}): Message {
  const { id = '100', direct = false, remembered = {}, mentionsBot = false, roles = [] } = content;
  const replies: unknown[] = [];
  return {
    id,
    content: content.content ?? 'hello',
    author: { id: '7', bot: false, ...content.author },
    webhookId: content.webhookId ?? null,
    type: content.type ?? MessageType.Default,
    editedTimestamp: content.editedTimestamp ?? null,
    partial: content.partial ?? false,
    client: { user: bot },
    guild: direct ? null : { preferredLocale: 'en-US', members: { me: { roles: { botRole: { id: '9' } } } } },
    guildId: direct ? null : '5',
    channelId: '3',
    channel: {
      id: '3',
      guild: { members: { me: null } },
      name: 'general',
      isSendable: () => content.sendable ?? true,
      isDMBased: () => direct,
      isThread: () => false,
      messages: {
        cache: new Map(Object.entries(remembered).map(([key, author]) => [key, { author }])),
        fetch: async (options: unknown) => {
          content.fetches?.push(options);
          if (!('later' in content)) throw new Error('Missing Access');
          return content.later;
        },
      },
    },
    inGuild: () => false,
    member: null,
    mentions: {
      has: (
        who: unknown,
        { ignoreEveryone, ignoreRoles }: { ignoreEveryone: boolean; ignoreRoles: boolean },
      ) => who === bot && mentionsBot && ignoreEveryone && ignoreRoles,
      roles: { has: (role: string) => roles.includes(role) },
    },
    reference: content.repliesTo === undefined ? null : { messageId: content.repliesTo },
    attachments: new Map(),
    embeds: [],
    components: [],
    stickers: new Map(),
    messageSnapshots: new Map(),
    reply: async (text: string) => void replies.push(text),
    replies,
  } as unknown as Message;
}

function listening(readMessageContent = true) {
  const answered: Record<string, unknown>[] = [];
  const claimed = new Set<string>();
  const deleted: string[] = [];
  const updated: string[] = [];
  const listener = new MessageListener(
    {
      answer: async (question: Record<string, unknown>) => void answered.push(question),
      cancelDeleted: async (id: string) => void deleted.push(id),
    } as never,
    { claim: async (id: string) => !claimed.has(id) && Boolean(claimed.add(id)) } as never,
    Settings.parse({}, { discord: { readMessageContent } }).config,
    {
      identify: async () => 'conversation',
      noteEdit: (id: string) => updated.push(id),
      noteDeletion: (id: string) => updated.push(`forget ${id}`),
    } as never,
    {} as never,
    {} as never,
    new Closing(),
  );
  const isAnswered = async (content: Content) => {
    await listener.handleMessage(message(content));
    return answered.length > 0;
  };
  return { listener, answered, claimed, deleted, updated, isAnswered };
}

describe('a message on Discord', () => {
  it.each<[string, Content, boolean]>([
    ['that mentions the bot', { mentionsBot: true }, true],
    ['that mentions its role', { roles: ['9'] }, true],
    ['that mentions another role', { roles: ['8'] }, false],
    ['that mentions nobody', {}, false],
    ['to the bot directly', { direct: true }, true],
    ['that replies to the bot', { repliesTo: '50', remembered: { 50: bot }, type: MessageType.Reply }, true],
    ['that replies to somebody else', { repliesTo: '50', remembered: { 50: { id: '8' } } }, false],
    ['that replies to what nobody remembers', { repliesTo: '50' }, false],
    ['of another bot', { mentionsBot: true, author: { bot: true } }, false],
    ['that tells of a joining', { mentionsBot: true, type: MessageType.UserJoin }, false],
    ['of a webhook', { mentionsBot: true, webhookId: '6' }, false],
    [
      'that replies to the bot and arrives empty',
      { content: '', repliesTo: '50', remembered: { 50: bot } },
      false,
    ],
  ])('%s is answered: %3$s', async (_which, content, isAnswered) => {
    await expect(listening().isAnswered(content)).resolves.toBe(isAnswered);
  });

  it('is answered once, though it comes again', async () => {
    const { listener, answered, claimed } = listening();
    await listener.handleMessage(message({ mentionsBot: true }));
    await listener.handleMessage(message({ mentionsBot: true }));
    expect([answered.length, [...claimed]]).toEqual([1, ['discord:100']]);
  });

  it('that arrives empty is told to mention the bot, where the bot may write', async () => {
    const { listener, answered } = listening();
    const empty = message({ content: '', mentionsBot: true });
    await listener.handleMessage(empty);
    expect([(empty as unknown as { replies: unknown[] }).replies, answered]).toEqual([
      [english.discord.mentionMe],
      [],
    ]);
    const silent = message({ content: '', mentionsBot: true, sendable: false });
    await listener.handleMessage(silent);
    expect((silent as unknown as { replies: unknown[] }).replies).toEqual([]);
  });

  it('is not answered where the bot may not write', async () => {
    await expect(listening().isAnswered({ mentionsBot: true, sendable: false })).resolves.toBe(false);
  });

  it('is asked by its author, at its place, for a chat', async () => {
    const { listener, answered } = listening();
    await listener.handleMessage(message({ mentionsBot: true }));
    expect(answered[0]).toMatchObject({
      platform: 'discord',
      id: '100',
      conversation: 'conversation',
      asker: { id: '7', roles: [], moderator: false },
      place: { server: '5', channel: '3', direct: false },
      locale: 'en-US',
      wish: { kind: 'chat' },
      again: false,
    });
  });

  it.each([
    [true, false, true],
    [false, false, false],
    [false, true, true],
  ])(
    'may be about the channel’s latest picture where others’ messages are read: %s, directly: %s',
    async (reads, direct, may) => {
      const { listener, answered } = listening(reads);
      await listener.handleMessage(message({ mentionsBot: true, direct }));
      expect('latestImage' in answered[0]!).toBe(may);
    },
  );

  it('is asked again where an answer with words stood', async () => {
    for (const [content, again] of [
      ['A cat.', true],
      ['-# \u200bStopped.', false],
    ] as const) {
      const { listener, answered } = listening();
      await listener.answer(message(), { earlier: [message({ content })] });
      expect(answered[0]).toMatchObject({ again });
    }
  });
});

describe('a message on Discord that was edited', () => {
  const before = message({});
  const edited = (content: Content = {}) => message({ mentionsBot: true, editedTimestamp: 1, ...content });

  it.each<[string, Message, Message, boolean]>([
    ['and now mentions the bot', before, edited(), true],
    ['and mentioned it before', message({ mentionsBot: true }), edited(), false],
    ['and mentions nobody', before, edited({ mentionsBot: false }), false],
    ['by Discord, which adds a preview', before, edited({ editedTimestamp: null }), false],
    ['and is known in part', before, edited({ partial: true }), false],
    ['by a webhook', before, edited({ webhookId: '6' }), false],
    ['in direct messages', before, edited({ direct: true }), false],
    ['and arrives empty', before, edited({ content: '' }), false],
  ])('%s is answered: %4$s', async (_what, was, is, isAnswered) => {
    const { listener, answered, updated } = listening();
    await listener.handleEdit(was, is);
    expect(answered.length > 0).toBe(isAnswered);
    expect(updated).toEqual(['100']);
  });

  it.each<[string, Partial<Content>, boolean]>([
    ['no answer stands', { later: [{ author: bot, reference: { messageId: '99' } }] }, true],
    ['others answered', { later: [{ author: { id: '8' }, reference: { messageId: '100' } }] }, true],
    ['an answer stands', { later: [{ author: bot, reference: { messageId: '100' } }] }, false],
    ['it may not be read', {}, false],
    ['nothing is known', { later: undefined }, false],
  ])('from before the start is answered where %s: %3$s', async (_what, more, isAnswered) => {
    const fetches: unknown[] = [];
    const { listener, answered } = listening();
    await listener.handleEdit(message({ partial: true }), edited({ fetches, ...more }));
    expect(answered.length > 0).toBe(isAnswered);
    expect(fetches).toEqual([{ after: '100', limit: 100 }]);
  });
});

it('a question that is deleted ends its answer and is forgotten', async () => {
  const { listener, deleted, updated } = listening();
  await listener.handleDeletion(message({}));
  expect([deleted, updated]).toEqual([['100'], ['forget 100']]);
});
