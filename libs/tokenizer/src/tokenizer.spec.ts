import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import fc from 'fast-check';

import { Tokenizer, tokenizerJsonFromSentencePiece } from './index.js';

const fixtures = resolve('test/fixtures');

interface SentencePieceCases {
  encode: { text: string; ids: number[] }[];
  decode: { ids: number[]; text: string }[];
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(resolve(fixtures, path), 'utf8'));
}

/** Through JSON text, as a model package stores it. */
function tokenizerOf(sentencePieceModel: string): Tokenizer {
  const json = tokenizerJsonFromSentencePiece(readFileSync(resolve(fixtures, sentencePieceModel)));
  return Tokenizer.fromJson(JSON.parse(JSON.stringify(json)));
}

function streamed(tokenizer: Tokenizer, ids: readonly number[]): string[] {
  const decoder = tokenizer.streamingDecoder();
  return [...ids.map((id) => decoder.push(id)), decoder.flush()];
}

describe.each([
  ['tiny', 'reference/tiny/llm/tokenizer.model'],
  ['nano', 'tokenizer/nano.model'],
  ['keeps-spaces', 'tokenizer/keeps-spaces.model'],
])('the tokenizer of the SentencePiece model "%s"', (name, model) => {
  const tokenizer = tokenizerOf(model);
  const cases = readJson<SentencePieceCases>(`tokenizer/${name}.json`);

  it('encodes every text to the ids SentencePiece gives', () => {
    for (const { text, ids } of cases.encode) {
      expect({ text, ids: tokenizer.encode(text) }).toEqual({ text, ids });
    }
  });

  it('decodes every id sequence to the text SentencePiece gives', () => {
    for (const { ids, text } of cases.decode) {
      expect({ ids, text: tokenizer.decode(ids) }).toEqual({ ids, text });
    }
  });

  it('streams the same text', () => {
    for (const { ids, text } of cases.decode) expect(streamed(tokenizer, ids).join('')).toBe(text);
  });

  it('gives any text back but for the spaces its normalizer removes', () => {
    // SentencePiece writes a space as U+2581 and cannot tell the two apart.
    const texts = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\u2581'));
    fc.assert(
      fc.property(texts, (text) => {
        const expected = name === 'keeps-spaces' ? text : text.replace(/^ +| +$/g, '').replace(/ {2,}/g, ' ');
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(expected);
      }),
    );
  });

  it('never finds a special token in a text', () => {
    const piece = fc.constantFrom('<s>', '</s>', '<unk>', '[PAD]', '<0x0A>', ' ', 'a', '<', '>');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const ids = tokenizer.encode(pieces.join(''));
        expect(ids.every((id) => id > 2 && id < tokenizer.vocabularySize)).toBe(true);
      }),
    );
  });

  it('encodes a long text without separators as readily as any', () => {
    for (const character of ['a', '#', '漢', '\u2581']) {
      const text = `x${character.repeat(100_000)}x`;
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text.replaceAll('\u2581', ' '));
    }
  });
});

describe('Tokenizer', () => {
  const tokenizer = tokenizerOf('reference/tiny/llm/tokenizer.model');

  it('gives the segments of a prompt the ids of the original, begin-of-sequence before the first only', () => {
    const { cases } = readJson<{ cases: { prompt: string; segment_token_ids: number[][] }[] }>(
      'reference/tiny/expected.json',
    );
    for (const { prompt, segment_token_ids } of cases) {
      const segments = prompt.split('<ImageHere>');
      const ids = segments.map((text, index) => tokenizer.encode(text, { beginOfSequence: index === 0 }));
      expect(ids).toEqual(segment_token_ids);
    }
  });

  it('decodes the replies of the original', () => {
    const { cases } = readJson<{ cases: { greedy_token_ids: number[]; greedy_text: string }[] }>(
      'reference/tiny/expected.json',
    );
    for (const { greedy_token_ids, greedy_text } of cases) {
      expect(tokenizer.decode(greedy_token_ids)).toBe(greedy_text);
    }
  });

  it('knows its special tokens and its size', () => {
    expect(tokenizer.beginOfSequence).toBe(1);
    expect(tokenizer.endOfSequence).toBe(2);
    expect(tokenizer.vocabularySize).toBe(4096);
  });

  it('encodes no text as no ids, or as the begin-of-sequence token alone', () => {
    expect(tokenizer.encode('')).toEqual([]);
    expect(tokenizer.encode('', { beginOfSequence: true })).toEqual([1]);
  });

  it('takes half a surrogate pair for U+FFFD', () => {
    expect(tokenizer.encode('a\ud83d!')).toEqual(tokenizer.encode('a\ufffd!'));
  });

  it('decodes ids past the vocabulary, as of [PAD] in Vicuna, to nothing', () => {
    const ids = tokenizer.encode('a red apple');
    expect(tokenizer.decode([4096, ...ids, 4096])).toBe('a red apple');
  });

  it('holds the bytes of a character back until it is complete', () => {
    const bytes = [0xf0, 0x9f, 0x98, 0x80].map((byte) => byte + 3);
    expect(streamed(tokenizer, bytes)).toEqual(['', '', '', '😀', '']);
  });

  it('gives up on an incomplete character when other text follows or the reply ends', () => {
    const [apple] = tokenizer.encode('apple');
    expect(streamed(tokenizer, [0xf0 + 3, apple!])).toEqual(['', '\ufffd apple', '']);
    expect(streamed(tokenizer, [0xf0 + 3, 0x9f + 3])).toEqual(['', '', '\ufffd\ufffd']);
  });

  it('refuses a tokenizer.json of another kind, naming the field', () => {
    const json = tokenizerJsonFromSentencePiece(
      readFileSync(resolve(fixtures, 'reference/tiny/llm/tokenizer.model')),
    );
    const unigram = { ...json, model: { ...json.model, type: 'Unigram' } };
    expect(() => Tokenizer.fromJson(unigram)).toThrow(expect.objectContaining({ code: 'tokenizer-file' }));
    expect(() => Tokenizer.fromJson(unigram)).toThrow('model.type');
    expect(() => Tokenizer.fromJson('')).toThrow(expect.objectContaining({ code: 'tokenizer-file' }));
    expect(() => Tokenizer.fromJson({ ...json, added_tokens: [] })).toThrow('no token <s>');
  });
});
