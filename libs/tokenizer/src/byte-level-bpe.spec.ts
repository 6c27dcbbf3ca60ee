import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import fc from 'fast-check';

import { Tokenizer, tokenizerJsonFromByteLevelBpe } from './index.js';

const folder = resolve('test/fixtures/families/blip2-opt');
const vocabulary: Record<string, number> = JSON.parse(
  readFileSync(resolve(folder, 'lavis/opt-2.7b/vocab.json'), 'utf8'),
);
const merges = readFileSync(resolve(folder, 'lavis/opt-2.7b/merges.txt'), 'utf8');
const { cases } = JSON.parse(readFileSync(resolve(folder, 'expected.json'), 'utf8')) as {
  cases: { prompt: string; token_ids: number[]; greedy_token_ids: number[]; greedy_text: string }[];
};

/** Through JSON text, as a model package stores it. */
const tokenizer = Tokenizer.fromJson(
  JSON.parse(JSON.stringify(tokenizerJsonFromByteLevelBpe(vocabulary, merges, '</s>'))),
);

describe('the tokenizer of a byte-level BPE', () => {
  it("encodes every text to the ids of transformers' GPT2Tokenizer, after the token that begins a sequence", () => {
    for (const { prompt, token_ids } of cases) {
      expect(tokenizer.encode(prompt, { beginOfSequence: true })).toEqual(token_ids);
    }
  });

  it('decodes ids to the same text, broken characters included', () => {
    for (const { greedy_token_ids, greedy_text } of cases) {
      expect(tokenizer.decode(greedy_token_ids).trim()).toBe(greedy_text);
    }
  });

  it('gives any text back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      }),
    );
  });

  it('streams the same text', () => {
    const text = 'a snowman ☃ and 🎈\n';
    const decoder = tokenizer.streamingDecoder();
    const deltas = tokenizer.encode(text).map((id) => decoder.push(id));
    expect([...deltas, decoder.flush()].join('')).toBe(text);
  });

  it('makes one replacement character of bytes that begin one character, as Python does', () => {
    const [first, second] = [...Buffer.from('☃')].map((byte) => tokenizerIdOfByte(byte));
    expect(tokenizer.decode([first!, second!, vocabulary.a!])).toBe('\uFFFDa');
  });

  it('takes special tokens that somebody typed for text, and leaves its own out of what it decodes', () => {
    expect(tokenizer.encode('</s>')).not.toContain(vocabulary['</s>']);
    expect(tokenizer.decode([2, vocabulary.a!, 1, 10_000])).toBe('a');
  });
});

describe('files that are no such vocabulary', () => {
  it.each<[string, unknown, string, RegExp]>([
    ['a list', [], merges, /vocab\.json holds no ids/],
    ['an id left out', { ...vocabulary, more: 100_000 }, merges, /none with the id/],
    ['a merge of unknown tokens', vocabulary, `${merges}\nzq zq\n`, /merges\.txt, line \d+: "zq zq"/],
    ['a line of one token', vocabulary, '#version: 0.2\nalone', /merges\.txt, line 2/],
    ['no token that begins a sequence', withoutSequenceToken(), merges, /lacks the token <\/s>/],
  ])('%s is refused', (_, vocab, lines, reason) => {
    expect(() => tokenizerJsonFromByteLevelBpe(vocab, lines, '</s>')).toThrow(reason);
  });
});

/** A byte of a character outside ASCII has a token of its own, whose character is 0x100 and more, or Latin-1's. */
function tokenizerIdOfByte(byte: number): number {
  const characters = byte >= 0xa1 && byte !== 0xad ? byte : 0x100 + (byte <= 0x20 ? byte : byte - 0x7f + 33);
  return vocabulary[String.fromCharCode(characters)]!;
}

function withoutSequenceToken(): Record<string, number> {
  const { '</s>': id, ...others } = vocabulary;
  return { ...others, renamed: id! };
}
