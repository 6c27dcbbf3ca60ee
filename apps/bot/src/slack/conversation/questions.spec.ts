import { Settings } from '../../config/settings.js';
import { type Prompt, toMetadata } from '../reply/reply-record.js';
import { Questions } from './questions.js';
import { type SlackMessage, slackMessage } from './slack-message.js';

const person = { asker: { id: 'U1', roles: [], moderator: false }, locale: 'de-DE' };
const never = new AbortController().signal;
const message = (ts: string, content: object = {}) => slackMessage.parse({ ts, ...content });
const answerTo = (question: string) => ({
  metadata: toMetadata({ state: 'done', question, asker: 'U1', prompt: undefined }),
});
const picture = { files: [{ id: 'F1', mode: 'hosted' }] };

/** Questions on a Slack with these messages in a thread, or as a channel's newest. */
function questionsOn({
  thread = [] as SlackMessage[],
  newest = [] as SlackMessage[],
  maxMessages = 50,
} = {}) {
  const calls: unknown[] = [];
  const questions = new Questions(
    { botUserId: 'UBOT', teamId: 'T1', workspaceHost: 'meadow.slack.com' },
    {
      readThread: async () => thread,
      readNewest: async (...all: unknown[]) => {
        calls.push(['newest', ...all]);
        return newest;
      },
      toChat: async (messages: readonly SlackMessage[], channel: string) =>
        messages.map(({ ts }) => ({ id: ts, channel, warnings: [] })),
    } as never,
    {
      referToPrompt: (image: object, viewer: object) => ({ ...image, viewer }),
      find: async ({ ts }: SlackMessage) => [{ name: ts, origin: 'attachment' }],
    } as never,
    {
      mark: async (channel: string, _thread: unknown, words: { stop: string }) =>
        void calls.push(['mark', channel, words.stop]),
    } as never,
    {
      awaitFor: async (_channel: string, one: SlackMessage, signal: AbortSignal) => {
        calls.push(['await', one.ts, signal === never]);
        return one;
      },
    } as never,
    Settings.parse({}, { conversation: { maxMessages } }).config,
  );
  return { questions, calls };
}

const asked = { channel: 'C1', root: '1.0', person };
const idsOf = (messages: readonly { readonly id: string }[]) => messages.map(({ id }) => id);

describe('a question that is a message', () => {
  it('is about its thread, asked by its author at its place', () => {
    const question = questionsOn().questions.buildFromMessage(asked, message('5.0'));
    expect(question).toMatchObject({
      platform: 'slack',
      id: 'C1:5.0',
      conversation: 'C1:1.0',
      asker: person.asker,
      locale: 'de-DE',
      place: { server: 'T1', channel: 'C1', direct: false },
      wish: { kind: 'chat' },
    });
    expect(question).not.toHaveProperty('again');
  });

  it('that begins a thread is its conversation', () => {
    const { questions } = questionsOn();
    expect(
      questions.buildFromMessage({ ...asked, root: undefined, again: true }, message('5.0')),
    ).toMatchObject({
      conversation: 'C1:5.0',
      again: true,
    });
  });

  it.each([
    ['begins a thread', 'C1', '5.0', true],
    ['begins one that has none yet', 'C1', undefined, true],
    ['stands in a thread', 'C1', '1.0', false],
    ['stands in direct messages', 'D1', '1.0', true],
  ])('may be about the latest picture where it %s in %s: %4$s', async (_what, channel, root, may) => {
    const newest = [
      message('5.0', picture),
      message('4.0'),
      message('3.0', picture),
      message('2.0', picture),
    ];
    const { questions, calls } = questionsOn({ newest });
    const { latestImage } = questions.buildFromMessage({ ...asked, channel, root }, message('5.0'));
    expect(latestImage !== undefined).toBe(may);
    if (!may) return;
    await expect(latestImage?.(never)).resolves.toEqual({ name: '3.0', origin: 'channel' });
    expect(calls).toEqual([['newest', channel, 15]]);
  });

  it('has no latest picture where the channel shows none', async () => {
    const { latestImage } = questionsOn({ newest: [message('4.0')] }).questions.buildFromMessage(
      { ...asked, root: undefined },
      message('5.0'),
    );
    await expect(latestImage?.(never)).resolves.toBeUndefined();
  });

  it('is read with what was said before it, each question followed by its answer', async () => {
    const thread = [
      message('1.0'),
      message('2.0'),
      message('3.0', answerTo('C1:2.0')),
      message('4.0', answerTo('C1:1.0')),
      message('5.0'),
      message('6.0'),
      message('7.0', answerTo('C1:2.0')),
    ];
    const { questions, calls } = questionsOn({ thread });
    const read = await questions.buildFromMessage(asked, message('5.0')).readMessages(never);
    expect(idsOf(read)).toEqual(['1.0', '4.0', '2.0', '3.0', '7.0', '5.0']);
    expect(calls).toContainEqual(['mark', 'C1', 'Anhalten']);
    expect(calls).toContainEqual(['await', '5.0', true]);
  });

  it('is read alone where it begins its thread', async () => {
    const { questions } = questionsOn({ thread: [message('1.0')] });
    const read = await questions
      .buildFromMessage({ ...asked, root: '5.0' }, message('5.0'))
      .readMessages(never);
    expect(idsOf(read)).toEqual(['5.0']);
  });

  it.each([
    [3, ['1.0', '2.0', '3.0'], false],
    [2, ['1.0', '3.0'], true],
    [1, ['1.0', '3.0'], true],
  ])('is read with at most %d messages: the first and the newest', async (maxMessages, ids, saysSo) => {
    const { questions } = questionsOn({ thread: [message('1.0'), message('2.0')], maxMessages });
    const read = await questions.buildFromMessage(asked, message('3.0')).readMessages(never);
    expect(idsOf(read)).toEqual(ids);
    expect(read.map(({ warnings }) => warnings.length)).toEqual(
      ids.map((id) => (saysSo && id === '3.0' ? 1 : 0)),
    );
    if (saysSo)
      expect(read.at(-1)?.warnings).toEqual([{ kind: 'earlier-messages-unread', limit: maxMessages }]);
  });
});

describe('a question of a command', () => {
  const prompt: Prompt = {
    text: 'How many?',
    wish: 'chat',
    images: [{ kind: 'link', url: 'https://a.example/' }],
  };

  it('is its prompt alone, in the thread it belongs to', async () => {
    const { questions } = questionsOn();
    const question = questions.buildFromPrompt(asked, prompt, 'id');
    expect(question).toMatchObject({ id: 'id', conversation: 'C1:1.0', wish: { kind: 'chat' } });
    await expect(question.readMessages(never)).resolves.toEqual([
      {
        id: 'id',
        author: { kind: 'user', id: 'U1' },
        text: 'How many?',
        images: [{ ...prompt.images[0], viewer: { user: 'U1', channel: 'C1' } }],
        warnings: [],
      },
    ]);
  });

  it('for alt text is a conversation of its own, with room for 2,000 characters', () => {
    const { questions } = questionsOn();
    const altText = { ...prompt, wish: 'alt-text' as const };
    expect(questions.buildFromPrompt(asked, altText, 'id')).toMatchObject({
      conversation: 'C1:id',
      wish: { kind: 'alt-text', maxLength: 2_000 },
    });
    expect(questions.buildFromPrompt({ ...asked, root: undefined }, prompt, 'id').conversation).toBe('C1:id');
  });

  it('that is asked again is read with what stands before its reply', async () => {
    const { questions } = questionsOn({ thread: [message('1.0'), message('4.0')] });
    const read = await questions.buildFromPrompt(asked, prompt, 'id', message('4.0')).readMessages(never);
    expect(idsOf(read)).toEqual(['1.0', 'id']);
  });
});
