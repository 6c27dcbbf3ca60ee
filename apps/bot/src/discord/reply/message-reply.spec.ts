import { DiscordAPIError, type Message, MessageFlags } from 'discord.js';

import type { ReplyView } from '../../contract/index.js';
import { english } from '../../words/english.js';
import { MessageReply } from './message-reply.js';

const view = (content: Partial<ReplyView>): ReplyView => ({
  state: 'streaming',
  text: 'A',
  notes: [],
  actions: [],
  ...content,
});
const done = view({ state: 'done', text: 'A cat.', actions: ['regenerate', 'feedback-up'] });
const refusal = (status: number, code: number) =>
  new DiscordAPIError({ code, message: 'no' }, code, status, 'POST', '/', {});

type Sent = Readonly<Record<string, unknown>>;

function replying({ earlier = [] as string[], fails = (_sent: Sent): Error | undefined => undefined } = {}) {
  const sent: Sent[] = [];
  const edits: (readonly [string, Sent])[] = [];
  const deleted: string[] = [];
  const told: Sent[] = [];
  const part = (id: string, channelId = '3') => ({
    id,
    channelId,
    edit: async (content: Sent) => {
      const error = fails(content);
      if (error) throw error;
      edits.push([id, content]);
      return part(id, channelId);
    },
    delete: async () => void deleted.push(id),
  });
  const channel = {
    id: '3',
    name: 'general',
    isDMBased: () => true,
    send: async (content: Sent) => {
      const error = fails(content);
      if (error) throw error;
      sent.push(content);
      return part(`${1_000 + sent.length}`);
    },
  };
  const asker = {
    createDM: async () => ({ id: '77' }),
    send: async (content: Sent) => {
      told.push(content);
      return part('1', '77');
    },
  };
  const question = {
    id: '100',
    channelId: '3',
    channel,
    client: { users: { fetch: async (id: string) => (id === '7' ? asker : undefined) } },
  };
  const lines: string[] = [];
  const reply = new MessageReply(question as unknown as Message, channel as never, {
    words: english,
    pace: { interval: (place: string) => (place === '3' ? 321 : 0) } as never,
    logger: { warn: (line) => lines.push(line) },
    askerId: '7',
    earlier: earlier.map((id) => part(id)) as never,
  });
  return { reply, sent, edits, deleted, told, lines, question };
}

describe('a reply to a message on Discord', () => {
  it('replies to the question, each further part to the one before, and none twice', async () => {
    const { reply, sent, question } = replying();
    await reply.show(0, view({}));
    await reply.show(1, view({ text: 'B' }));
    expect(sent).toMatchObject([
      { content: 'A', reply: { messageReference: question, failIfNotExists: false }, enforceNonce: true },
      { content: 'B', reply: { messageReference: { id: '1001' } } },
    ]);
    expect(sent.map(({ nonce }) => String(nonce).split('.')[1])).toEqual(['0', '1']);
    expect(String(sent[0]!.nonce).length).toBeLessThanOrEqual(25);
    expect([reply.interval(), reply.maxLength]).toEqual([321, 1_600]);
  });

  it('is edited from then on, with its buttons', async () => {
    const { reply, sent, edits } = replying();
    await reply.show(0, view({}));
    await reply.show(0, done);
    expect(sent).toHaveLength(1);
    expect(edits).toMatchObject([
      ['1001', { content: 'A cat.', components: [{ components: [{ custom_id: 'regenerate:100:7' }, {}] }] }],
    ]);
  });

  it('takes the place of an earlier one, whose further parts go when it ends', async () => {
    const { reply, edits, deleted } = replying({ earlier: ['51', '52', '53'] });
    await reply.show(0, view({ actions: ['stop'] }));
    expect(deleted).toEqual([]);
    await reply.show(0, view({ state: 'done' }));
    expect(deleted).toEqual([]);
    await reply.show(1, done);
    expect([edits.map(([id]) => id), deleted]).toEqual([['51', '51', '52'], ['53']]);
  });

  it.each([
    [view({ state: 'thinking', status: 'Looking' }), []],
    [view({ state: 'stopped', status: 'Stopped.' }), ['52']],
  ])('knows its last part: %j', async (shown, deletions) => {
    const { reply, deleted } = replying({ earlier: ['51', '52'] });
    await reply.show(0, shown);
    expect(deleted).toEqual(deletions);
  });

  it('goes with all its parts where it is withdrawn', async () => {
    const { reply, deleted } = replying({ earlier: ['51', '52'] });
    await reply.withdraw();
    expect(deleted).toEqual(['51', '52']);
  });

  it('stands alone where Discord takes no reply, and says what was moderated', async () => {
    const { reply, sent, lines } = replying({
      fails: ({ reply: reference, content }) => {
        if (reference) return refusal(400, 160_002);
        return content === 'A' ? refusal(400, 200_000) : undefined;
      },
    });
    await reply.show(0, view({}));
    expect(sent[0]).not.toHaveProperty('reply');
    expect(sent[0]!.content).toContain(english.discord.moderated);
    expect(lines).toHaveLength(2);
  });

  it('is a message of its own where the old one cannot be edited, which then goes', async () => {
    const fails = ({ nonce }: Sent) => (nonce === undefined ? undefined : refusal(403, 1));
    const { reply, sent, deleted } = replying({ fails });
    await reply.show(0, done);
    expect([sent.length, deleted]).toEqual([1, []]);
    let first = true;
    const stuck = replying({
      earlier: ['51'],
      fails: () => {
        const error = first ? refusal(400, 50_083) : undefined;
        first = false;
        return error;
      },
    });
    await stuck.reply.show(0, done);
    expect([stuck.sent.length, stuck.deleted]).toEqual([1, ['51']]);
  });

  it('goes to the asker directly where nothing else is left, and says where it was asked', async () => {
    const { reply, told } = replying({ fails: () => refusal(403, 50_013) });
    await reply.show(0, done);
    expect(told).toMatchObject([
      {
        flags: MessageFlags.SuppressEmbeds,
        content: expect.stringContaining(english.discord.answeredHere('<#3>')),
        components: [{ components: [{ custom_id: 'feedback-up:100:7' }] }],
      },
    ]);
  });
});
