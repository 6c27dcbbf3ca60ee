import { DiscordAPIError, type Message, MessageFlags } from 'discord.js';

import { ReplyGoneError, type ReplyView } from '../../contract/index.js';
import { english } from '../../words/english.js';
import { InteractionReply } from './interaction-reply.js';

const view = (content: Partial<ReplyView>): ReplyView => ({
  state: 'done',
  text: 'A cat.',
  notes: [],
  actions: [],
  ...content,
});
const refusal = (status: number, code: number) =>
  new DiscordAPIError({ code, message: 'no' }, code, status, 'POST', '/', {});
type Sent = Readonly<Record<string, unknown>>;

interface World {
  readonly existing?: boolean;
  readonly canBeAskedAgain?: boolean;
  readonly pictures?: readonly { readonly name: string; readonly load: () => Promise<Uint8Array> }[];
  /** What Discord answers a write by the token. */
  readonly tokenFails?: (sent: Sent) => Error | undefined;
  readonly inGuild?: boolean;
  readonly sendable?: boolean;
}

function replying(world: World = {}) {
  const calls: (readonly [string, ...unknown[]])[] = [];
  const attachments = new Map([['a', { id: 'a' }]]);
  const part = (id: string) =>
    ({
      id,
      attachments: {
        size: 1,
        map: (make: (one: { id: string }) => unknown) => [...attachments.values()].map(make),
      },
      edit: async (content: Sent) => {
        calls.push(['bot edits', id, content]);
        return part(id);
      },
    }) as unknown as Message;
  const byToken =
    (name: string) =>
    async (...details: unknown[]) => {
      const error = world.tokenFails?.(details.at(-1) as Sent);
      if (error) throw error;
      calls.push([name, ...details]);
      return part(`p${calls.length}`);
    };
  const interaction = {
    token: 'token',
    webhook: { editMessage: byToken('edit') },
    followUp: byToken('followUp'),
    deleteReply: async () => void calls.push(['delete']),
    user: { send: byToken('direct') },
    inCachedGuild: () => world.inGuild ?? true,
    channel: {
      isSendable: () => world.sendable ?? true,
      send: async (content: Sent) => {
        calls.push(['bot sends', content]);
        return part('sent');
      },
    },
  };
  const asked = {
    questionId: '100',
    askerId: '7',
    question: 'How many?',
    pictures: world.pictures ?? [],
    canBeAskedAgain: world.canBeAskedAgain ?? true,
  };
  const reply = new InteractionReply(
    interaction as never,
    asked as never,
    {
      words: english,
      pace: { interval: (token: string) => (token === 'token' ? 321 : 0) } as never,
      logger: { warn: () => {} },
    },
    world.existing ? part('old') : undefined,
  );
  return { reply, calls };
}

describe('the answer to a command', () => {
  it('is edited where it was promised, with the question above; further parts follow', async () => {
    const { reply, calls } = replying();
    await reply.show(0, view({ state: 'streaming', text: 'A' }));
    await reply.show(1, view({ text: 'B' }));
    await reply.show(1, view({ text: 'C' }));
    expect(calls).toMatchObject([
      ['edit', '@original', { content: '> \u200bHow many?\nA', files: [] }],
      ['followUp', { content: 'B', files: [] }],
      ['edit', 'p2', { content: 'C', attachments: [{ id: 'a', description: 'C' }] }],
    ]);
    expect([reply.interval(), reply.maxLength]).toEqual([321, 1_600]);
  });

  it('holds the pictures of the command, but for such as cannot be had', async () => {
    const pictures = [
      { name: 'a.png', load: async () => Uint8Array.of(1) },
      { name: 'b.png', load: async () => Promise.reject(new Error('gone')) },
    ];
    const { reply, calls } = replying({ pictures });
    await reply.show(0, view({ state: 'thinking', text: '' }));
    await reply.show(1, view({}));
    expect(calls).toMatchObject([
      ['edit', '@original', { files: [{ name: 'a.png', attachment: Buffer.of(1) }] }],
      ['followUp', { files: [] }],
    ]);
  });

  it.each([
    ['streaming', 'A', undefined],
    ['thinking', '', undefined],
    ['done', '', undefined],
    ['done', 'A', 'A'],
    ['done', 'x'.repeat(1_025), 'x'.repeat(1_024)],
  ] as const)(
    'that is %s describes its pictures once it is over, in 1,024 characters',
    async (state, text, description) => {
      const { reply, calls } = replying({ existing: true });
      await reply.show(0, view({ state, text }));
      const [, , sent] = calls[0] as [string, string, Sent];
      expect(sent.attachments).toEqual(description && [{ id: 'a', description }]);
    },
  );

  it('that cannot be asked again has no button for it', async () => {
    const ids = async (canBeAskedAgain: boolean) => {
      const { reply, calls } = replying({ canBeAskedAgain });
      await reply.show(0, view({ actions: ['regenerate', 'feedback-up'] }));
      const { components } = (
        calls[0] as [string, string, { components: { components: { custom_id: string }[] }[] }]
      )[2];
      return components[0]!.components.map(({ custom_id }) => custom_id);
    };
    await expect(ids(true)).resolves.toEqual(['regenerate:100:7', 'feedback-up:100:7']);
    await expect(ids(false)).resolves.toEqual(['feedback-up:100:7']);
  });

  it('that is refused is told to the asker alone', async () => {
    const { reply, calls } = replying();
    await reply.show(0, view({ state: 'refused', text: '', status: 'Not here.' }));
    expect(calls).toEqual([
      ['delete'],
      ['followUp', { content: '-# \u200bNot here.', flags: MessageFlags.Ephemeral }],
    ]);
    const gone = replying({ tokenFails: () => refusal(404, 10_062) });
    await expect(gone.reply.show(0, view({ state: 'refused' }))).rejects.toBeInstanceOf(ReplyGoneError);
  });

  const voided = { tokenFails: () => refusal(401, 50_027) };

  it('goes on as a message of the bot when its token is void and the bot is there', async () => {
    const { reply, calls } = replying(voided);
    await reply.show(0, view({}));
    await reply.show(1, view({ text: 'B' }));
    await reply.show(0, view({ text: 'C' }));
    expect(calls).toMatchObject([
      ['bot sends', { content: expect.stringContaining('A cat.') }],
      ['bot sends', { content: 'B', reply: { messageReference: { id: 'sent' } } }],
      ['bot edits', 'sent', { content: expect.stringContaining('C') }],
    ]);
    expect(calls[0]![1]).not.toHaveProperty('reply');
  });

  it.each([
    { ...voided, inGuild: false },
    { ...voided, sendable: false },
  ])('ends where it can go on nowhere: %j', async (world) => {
    const { reply, calls } = replying(world);
    await expect(reply.show(0, view({}))).rejects.toBeInstanceOf(ReplyGoneError);
    expect(calls).toEqual([]);
  });

  it('says that its pictures are too large to be posted', async () => {
    const pictures = [{ name: 'a.png', load: async () => Uint8Array.of(1) }];
    const tokenFails = ({ files }: Sent) =>
      (files as unknown[] | undefined)?.length ? refusal(413, 40_005) : undefined;
    const { reply, calls } = replying({ pictures, tokenFails });
    await reply.show(0, view({}));
    await reply.show(1, view({ text: 'B' }));
    expect(calls).toMatchObject([
      ['edit', '@original', { content: expect.stringContaining(english.discord.pictureNotPosted) }],
      ['followUp', { content: 'B' }],
    ]);
  });
});
