import { postedMessage, slackMessage } from '../conversation/slack-message.js';
import { toMetadata } from '../reply/reply-record.js';
import { MessageListener } from './messages.js';

const bot = 'UBOT';
const posted = (content: object) => postedMessage.parse({ channel: 'C1', ts: '5.0', user: 'U1', ...content });
const reply = (question = 'C1:1.0') => ({
  ts: '2.0',
  user: bot,
  metadata: toMetadata({ state: 'done', question, asker: 'U1', prompt: undefined }),
});

/** What the listener makes of messages, in a Slack where threads hold these messages. */
function listening(thread: readonly object[] = []) {
  const claimed = new Set<string>();
  const answered: unknown[] = [];
  const threads: string[][] = [];
  const listener = new MessageListener(
    {} as never,
    { claim: async (id: string) => !claimed.has(id) && Boolean(claimed.add(id)) } as never,
    { botUserId: bot, teamId: 'T1', workspaceHost: 'meadow.slack.com' },
    { find: async (id: string) => ({ asker: { id } }) } as never,
    {
      readThread: async (...place: string[]) => {
        threads.push(place);
        return thread.map((message) => slackMessage.parse(message));
      },
    } as never,
    { buildFromMessage: (asked: object) => asked } as never,
    {
      makeSubject: (_question: unknown, _person: unknown, place: object) => place,
      makeSink: (subject: unknown) => subject,
      answer: async (question: object, sink: object) => void answered.push({ ...question, sink }),
    } as never,
  );
  const isAnswered = async (content: object, how: { isRetry?: boolean; isMention?: boolean } = {}) => {
    const before = answered.length;
    await listener.handleMessage(posted(content), { isRetry: false, ...how });
    return answered.length > before;
  };
  return { listener, answered, threads, claimed, isAnswered };
}

const mention = { text: `<@${bot}> hello` };

describe('a message on Slack', () => {
  it.each<[string, object, boolean]>([
    ['that names the bot', mention, true],
    ['that names it with a file', { ...mention, subtype: 'file_share' }, true],
    ['that names it and is shown in the channel too', { ...mention, subtype: 'thread_broadcast' }, true],
    ['to the bot directly', { channel: 'D1' }, true],
    ['that names nobody', { text: 'hello' }, false],
    ['of nobody', { ...mention, user: undefined }, false],
    ['of the bot itself', { ...mention, user: bot }, false],
    ['of another bot', { ...mention, bot_id: 'B1' }, false],
    ['of Slack itself', { ...mention, user: 'USLACKBOT' }, false],
    ['that tells of a joining', { ...mention, subtype: 'channel_join' }, false],
  ])('%s is answered: %3$s', async (_which, content, isAnswered) => {
    await expect(listening().isAnswered(content)).resolves.toBe(isAnswered);
  });

  it('that Slack calls a mention is answered wherever the name stands', async () => {
    await expect(listening().isAnswered({ text: '' }, { isMention: true })).resolves.toBe(true);
  });

  it('is answered once, in its thread or in one that it begins', async () => {
    const { isAnswered, answered, claimed, threads } = listening();
    await isAnswered(mention);
    await expect(isAnswered(mention)).resolves.toBe(false);
    await isAnswered({ ...mention, ts: '6.0', thread_ts: '1.0' });
    expect(answered).toEqual([
      {
        channel: 'C1',
        root: '5.0',
        person: { asker: { id: 'U1' } },
        sink: { channel: 'C1', threadTs: '5.0' },
      },
      {
        channel: 'C1',
        root: '1.0',
        person: { asker: { id: 'U1' } },
        sink: { channel: 'C1', threadTs: '1.0' },
      },
    ]);
    expect([...claimed]).toEqual(['slack:C1:5.0', 'slack:C1:6.0']);
    expect(threads).toEqual([]);
  });

  it('that comes again is answered only where no answer stands', async () => {
    const again = { ...mention, thread_ts: '1.0' };
    await expect(listening([reply('C1:5.0')]).isAnswered(again, { isRetry: true })).resolves.toBe(false);
    const fresh = listening([reply('C1:1.0')]);
    await expect(fresh.isAnswered(again, { isRetry: true })).resolves.toBe(true);
    expect(fresh.threads).toEqual([['C1', '1.0']]);
  });
});

describe('a message in a thread that names nobody', () => {
  const further = { text: 'and this?', thread_ts: '1.0', parent_user_id: 'U1' };
  const asked = { ts: '1.0', user: 'U1' };

  it.each<[string, object, readonly object[], boolean]>([
    ['between one person and the bot', further, [asked, reply()], true],
    ['that the bot began', { ...further, parent_user_id: bot }, [reply()], true],
    ['where Slack itself spoke too', further, [asked, reply(), { ts: '3.0', user: 'USLACK' }], true],
    ['where somebody else spoke', further, [asked, reply(), { ts: '3.0', user: 'U2' }], false],
    ['where the bot did not answer', further, [asked], false],
    ['that somebody else began', { ...further, parent_user_id: 'U2' }, [reply()], false],
    [
      'of which Slack does not say who began it',
      { ...further, parent_user_id: undefined },
      [asked, reply()],
      false,
    ],
  ])('%s is answered: %4$s', async (_which, content, thread, isAnswered) => {
    await expect(listening(thread).isAnswered(content)).resolves.toBe(isAnswered);
  });

  it('is not even looked at where neither its author nor the bot began it', async () => {
    const { isAnswered, threads, claimed } = listening();
    await isAnswered({ ...further, parent_user_id: 'U2' });
    expect([threads, claimed.size]).toEqual([[], 0]);
  });
});

describe('a message that was changed', () => {
  const plain = slackMessage.parse({ ts: '5.0', text: 'hello' });
  const named = slackMessage.parse({ ts: '5.0', ...mention });

  it('asks when the mention is new, and no answer stands', async () => {
    const { listener, answered, threads } = listening();
    await listener.handleEdit(plain, posted(mention));
    expect(answered).toHaveLength(1);
    expect(threads).toEqual([['C1', '5.0']]);
    const before = listening([reply('C1:5.0')]);
    await before.listener.handleEdit(plain, posted(mention));
    expect(before.answered).toEqual([]);
  });

  it.each([
    ['names the bot no more', posted({ text: 'x' }), named],
    ['named it before', posted(mention), named],
    ['was nobody knows what', posted(mention), undefined],
  ])('asks nothing when it %s', async (_what, message, before) => {
    const { listener, answered } = listening();
    await listener.handleEdit(before, message);
    expect(answered).toEqual([]);
  });
});
