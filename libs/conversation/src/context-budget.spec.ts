import fc from 'fast-check';

import {
  buildPrompt,
  type Conversation,
  ConversationError,
  fitToContext,
  type PromptSegment,
  QuestionTooLongError,
  type Turn,
} from './index.js';

const user = (text: string, ...images: string[]): Turn<string> => ({ role: 'user', text, images });
const assistant = (text: string): Turn<string> => ({ role: 'assistant', text });
const vicuna = (turns: Turn<string>[]): Conversation<string> => ({
  template: 'vicuna-v0',
  turns,
  systemText: 'System.',
});

const tokensPerImage = 32;
const wordsOf = (text: string) => text.split(/\s+/).filter((word) => word !== '').length;

/** A word counts as a token. */
function countWords(segments: readonly PromptSegment<string>[]): Promise<number> {
  const tokens = segments.map((segment) =>
    segment.kind === 'image' ? tokensPerImage : wordsOf(segment.text),
  );
  return Promise.resolve(tokens.reduce((sum, count) => sum + count, 1));
}

const roomFor = async (conversation: Conversation<string>) => countWords(buildPrompt(conversation).segments);

const history = [
  user('What is this?', 'apple'),
  assistant('A red apple.'),
  user('And what is behind it?'),
  assistant('A wooden table.'),
  user('How large is it?'),
];

describe('fitToContext', () => {
  it('keeps everything when it fits, and counts once', async () => {
    const count = countingWords();
    const fitted = await fitToContext(vicuna(history), { tokens: 1_000, images: 8 }, count.tokens);
    expect(fitted).toEqual({ ...buildPrompt(vicuna(history)), dropped: { turns: 0, images: 0 } });
    expect(count.calls()).toBe(1);
  });

  it('drops the oldest question with its answer, and moves its image to the question after it', async () => {
    const kept = vicuna([user('And what is behind it?', 'apple'), ...history.slice(3)]);
    const budget = { tokens: await roomFor(kept), images: 8 };
    const fitted = await fitToContext(vicuna(history), budget, countWords);
    expect(fitted).toEqual({ ...buildPrompt(kept), dropped: { turns: 2, images: 0 } });
  });

  it('keeps the image a later question came with, and lets go of the earlier one', async () => {
    const turns = [user('What is this?', 'apple'), assistant('An apple.'), user('And this?', 'pear')];
    const budget = { tokens: await roomFor(vicuna(turns.slice(2))), images: 8 };
    const fitted = await fitToContext(vicuna(turns), budget, countWords);
    expect(fitted).toEqual({ ...buildPrompt(vicuna(turns.slice(2))), dropped: { turns: 2, images: 1 } });
  });

  it('keeps all images that the latest question with images came with', async () => {
    const turns = [
      user('', 'apple'),
      user('Which is larger?', 'pear', 'plum'),
      assistant('The first.'),
      user('By how much?'),
    ];
    const kept = vicuna([user('By how much?', 'apple', 'pear', 'plum')]);
    const fitted = await fitToContext(vicuna(turns), { tokens: await roomFor(kept), images: 3 }, countWords);
    expect(fitted).toEqual({ ...buildPrompt(kept), dropped: { turns: 3, images: 0 } });
  });

  it('drops early turns when they hold more images than the model takes', async () => {
    const turns = [
      user('This?', 'apple'),
      assistant('An apple.'),
      user('This?', 'pear'),
      assistant('A pear.'),
    ];
    const asked = [...turns, user('And this?', 'plum')];
    const fitted = await fitToContext(vicuna(asked), { tokens: 1_000, images: 2 }, countWords);
    expect(fitted).toEqual({ ...buildPrompt(vicuna(asked.slice(2))), dropped: { turns: 2, images: 1 } });
  });

  it('counts few times, however long the conversation', async () => {
    const count = countingWords();
    const turns = Array.from({ length: 200 }, () => [user('Again?'), assistant('Yes.')]).flat();
    const fitted = await fitToContext(
      vicuna([...turns, user('Really?')]),
      { tokens: 50, images: 8 },
      count.tokens,
    );
    expect(await countWords(fitted.segments)).toBeLessThanOrEqual(50);
    expect(count.calls()).toBeLessThanOrEqual(9);
  });

  it('drops what cannot fit by its length without counting it', async () => {
    const counted: number[] = [];
    const tokens = (segments: readonly PromptSegment<string>[]) => {
      counted.push(segments.reduce((sum, one) => sum + (one.kind === 'text' ? one.text.length : 0), 0));
      return countWords(segments);
    };
    const long = Array.from({ length: 200 }, () => [user('word '.repeat(100)), assistant('Yes.')]).flat();
    const fitted = await fitToContext(vicuna([...long, user('Really?')]), { tokens: 50, images: 8 }, tokens);
    expect(fitted.dropped.turns).toBe(long.length);
    expect(counted.length).toBeGreaterThan(0);
    expect(Math.max(...counted)).toBeLessThanOrEqual(50 * 16);
  });

  it('says that a question alone has more characters than can fit', async () => {
    const fitting = fitToContext(vicuna([user('x'.repeat(900))]), { tokens: 50, images: 8 }, countWords);
    await expect(fitting).rejects.toMatchObject({ limit: 'characters', available: 800 });
  });

  it('says how far a question alone is too long, and never cuts it', async () => {
    const long = vicuna([...history, assistant('Small.'), user('word '.repeat(500))]);
    const alone = vicuna([user('word '.repeat(500), 'apple')]);
    const fitting = fitToContext(long, { tokens: 300, images: 8 }, countWords);
    await expect(fitting).rejects.toThrow(QuestionTooLongError);
    await expect(fitting).rejects.toMatchObject({
      limit: 'tokens',
      needed: await roomFor(alone),
      available: 300,
    });
  });

  it('says when a question is about too many images', async () => {
    const fitting = fitToContext(
      vicuna([user('Which?', 'a', 'b', 'c')]),
      { tokens: 1_000, images: 2 },
      countWords,
    );
    await expect(fitting).rejects.toMatchObject({ limit: 'images', needed: 3, available: 2 });
  });

  it('refuses a conversation without a question', async () => {
    const budget = { tokens: 1_000, images: 8 };
    await expect(fitToContext(vicuna([]), budget, countWords)).rejects.toThrow(ConversationError);
    await expect(fitToContext(vicuna([assistant('Hi.')]), budget, countWords)).rejects.toThrow(
      ConversationError,
    );
  });

  it('passes on why tokens could not be counted', async () => {
    const failure = new Error('the model server is away');
    const fitting = fitToContext(vicuna(history), { tokens: 10, images: 8 }, () => Promise.reject(failure));
    await expect(fitting).rejects.toBe(failure);
  });

  it('drops as little as it must: the question, the system text and the latest image always stay', async () => {
    const words = fc.nat({ max: 12 }).map((length) => 'word '.repeat(length + 1).trim());
    const exchange = fc.tuple(words, fc.boolean(), words);
    await fc.assert(
      fc.asyncProperty(
        fc.array(exchange, { maxLength: 8 }),
        fc.integer({ min: 60, max: 250 }),
        async (exchanges, room) => {
          const turns = exchanges.flatMap(([question, hasImage, answer], index) => [
            user(question, ...(hasImage ? [`image ${index}`] : [])),
            assistant(answer),
          ]);
          const asked = vicuna([...turns, user('And now?')]);
          const { segments, dropped } = await fitToContext(asked, { tokens: room, images: 100 }, countWords);

          expect(await countWords(segments)).toBeLessThanOrEqual(room);
          const texts = segments.map((segment) => (segment.kind === 'text' ? segment.text : ''));
          expect(texts[0]).toMatch(/^System\.###Human: /);
          expect(texts.at(-1)).toMatch(/And now\?###Assistant: $/);
          const images = turns.flatMap((turn) => (turn.role === 'user' ? turn.images : []));
          const left = segments.flatMap((segment) => (segment.kind === 'image' ? [segment.image] : []));
          expect(left).toEqual(images.slice(dropped.images));
          expect(left.at(-1)).toBe(images.at(-1));
          if (dropped.turns > 0) {
            const oneMore = asked.turns.slice(dropped.turns - 2);
            const hasImages = oneMore.some((turn) => turn.role === 'user' && turn.images.length > 0);
            const turns = hasImages ? oneMore : oneMore.with(0, user(oneMore[0]!.text, ...images.slice(-1)));
            expect(await roomFor({ ...asked, turns })).toBeGreaterThan(room);
          }
        },
      ),
    );
  });
});

/** Counts words and how often it was asked to. */
function countingWords() {
  let calls = 0;
  const tokens = (segments: readonly PromptSegment<string>[]) => {
    calls++;
    return countWords(segments);
  };
  return { tokens, calls: () => calls };
}
