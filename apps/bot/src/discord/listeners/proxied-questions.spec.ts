import type { Message } from 'discord.js';

import { ProxiedQuestions } from './proxied-questions.js';

const message = (content: string, { at = 0, channelId = 'zoo', files = 0 } = {}) =>
  ({
    content,
    channelId,
    createdTimestamp: 1_000_000 + at * 1_000,
    attachments: { size: files },
  }) as unknown as Message;

describe("a webhook's message", () => {
  it('repeats a question that was deleted before or is deleted afterwards, once', () => {
    const question = message('A: What is this?');
    const copy = message('What is this?', { at: 1 });
    const proxied = new ProxiedQuestions();
    expect(proxied.copyOf(question)).toBeUndefined();
    expect(proxied.originalOf(copy)).toBe(question);
    expect(proxied.originalOf(copy)).toBeUndefined();
    expect(proxied.copyOf(question)).toBe(copy);
  });

  it.each([
    ['at the same time', message('A: Hello.'), message('Hello.'), true],
    ['15 seconds later', message('A: Hello.'), message('Hello.', { at: 15 }), true],
    ['16 seconds later', message('A: Hello.'), message('Hello.', { at: 16 }), false],
    ['16 seconds before', message('A: Hello.', { at: 16 }), message('Hello.'), false],
    ['in another channel', message('Hello.'), message('Hello.', { channelId: 'farm' }), false],
    ['in other words', message('Hello.'), message('Goodbye.'), false],
    ['without its picture', message('Hello.', { files: 1 }), message('Hello.'), false],
    ['with its picture', message('Hello.', { files: 1 }), message('Hello.', { files: 1 }), true],
    ['as its picture alone', message('A:', { files: 1 }), message('', { files: 1 }), true],
    ['as nothing', message('A:'), message(''), false],
  ])('%s is the copy of a deleted question or not', (_how, question, copy, isCopy) => {
    const proxied = new ProxiedQuestions();
    proxied.copyOf(question);
    expect(proxied.originalOf(copy)).toBe(isCopy ? question : undefined);
  });

  it('is of the latest question that fits, and of none that was forgotten', () => {
    const [first, second] = [message('Hello.'), message('Hello.', { at: 1 })];
    const proxied = new ProxiedQuestions();
    for (const question of [first, second]) proxied.copyOf(question);
    expect(proxied.originalOf(message('Hello.'))).toBe(second);
    for (let other = 0; other < 200; other++) proxied.copyOf(message(`Other ${other}`));
    expect(proxied.originalOf(message('Hello.'))).toBeUndefined();
  });
});
