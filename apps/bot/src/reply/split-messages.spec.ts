import fc from 'fast-check';

import { splitIntoMessages } from './split-messages.js';

const word = fc.stringMatching(/^[a-z]{1,12}$/);
const prose = fc
  .array(fc.tuple(word, fc.constantFrom(' ', ' ', ' ', '. ', '\n', '\n\n')), { maxLength: 200 })
  .map((parts) => parts.map((part) => part.join('')).join(''));

describe('splitting an answer into messages', () => {
  it('leaves an answer that fits as it is', () => {
    expect(splitIntoMessages('Short.', 100)).toEqual(['Short.']);
    expect(splitIntoMessages('', 100)).toEqual([]);
  });

  it('never exceeds the length, cuts a word, or loses one', () => {
    fc.assert(
      fc.property(prose, fc.integer({ min: 60, max: 300 }), (text, maxLength) => {
        const messages = splitIntoMessages(text, maxLength);
        expect(messages.every((message) => message.length <= maxLength)).toBe(true);
        expect(messages.join(' ').split(/\s+/).filter(Boolean)).toEqual(text.split(/\s+/).filter(Boolean));
      }),
    );
  });

  it('never changes where an earlier message ends as the answer grows', () => {
    fc.assert(
      fc.property(prose, fc.integer({ min: 60, max: 300 }), (text, maxLength) => {
        let earlier: string[] = [];
        for (let length = 0; length <= text.length; length += 7) {
          const messages = splitIntoMessages(text.slice(0, length), maxLength).slice(0, -1);
          expect(messages.slice(0, earlier.length)).toEqual(earlier);
          earlier = messages;
        }
      }),
      { numRuns: 30 },
    );
  });

  it('prefers the end of a paragraph to that of a line, a sentence, a word', () => {
    const paragraph = 'x'.repeat(60);
    expect(splitIntoMessages(`${paragraph}\n\nTwo.\nThree. Four five six seven eight nine ten`, 100)[0]).toBe(
      paragraph,
    );
    expect(splitIntoMessages(`${paragraph}\nThree. Four five six seven eight nine ten`, 100)[0]).toBe(
      paragraph,
    );
    expect(splitIntoMessages(`${paragraph}. Four five six seven eight nine ten eleven`, 100)[0]).toBe(
      `${paragraph}.`,
    );
  });

  it('ends at a full stop in a language without spaces', () => {
    const sentence = `${'图'.repeat(30)}。`;
    expect(splitIntoMessages(sentence.repeat(3), 80)).toEqual([sentence.repeat(2), sentence]);
  });

  it('closes a code block that must be cut and opens it again', () => {
    const lines = Array.from({ length: 20 }, (_, line) => `print(${line})`).join('\n');
    const messages = splitIntoMessages(`\`\`\`python\n${lines}\n\`\`\``, 100);
    expect(messages.length).toBeGreaterThan(1);
    for (const message of messages) {
      expect(message.startsWith('```python\n')).toBe(true);
      expect(message.endsWith('\n```')).toBe(true);
      expect(message.length).toBeLessThanOrEqual(100);
    }
    const code = messages.map((message) => message.slice('```python\n'.length, -'\n```'.length)).join('\n');
    expect(code).toBe(lines);
  });

  it('moves a code block that begins late into the next message whole', () => {
    const before = 'word '.repeat(14).trim();
    const block = '```\none\ntwo\nthree\nfour\n```';
    expect(splitIntoMessages(`${before}\n${block}`, 90)).toEqual([before, block]);
  });

  it('cuts a word that is longer than a message between whole characters', () => {
    const family = '👨‍👩‍👧';
    const messages = splitIntoMessages(family.repeat(30), 100);
    for (const message of messages) expect(message).toBe(family.repeat(message.length / family.length));
  });
});
