import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

import { tokenizerJsonFromSentencePiece } from './index.js';

const tiny = readFileSync(resolve('test/fixtures/reference/tiny/llm/tokenizer.model'));

/** Protobuf messages written one after the other are one message: later fields override earlier ones. */
function tinyWith(extraFields: (writer: BinaryWriter) => void): Uint8Array {
  const writer = new BinaryWriter();
  extraFields(writer);
  return Buffer.concat([tiny, writer.finish()]);
}

function trainerSpec(
  writer: BinaryWriter,
  { modelType = 2, byteFallback = true, spaceAsSuffix = false },
): void {
  writer.tag(2, WireType.LengthDelimited).fork();
  writer.tag(3, WireType.Varint).int32(modelType);
  writer.tag(24, WireType.Varint).bool(spaceAsSuffix);
  writer.tag(35, WireType.Varint).bool(byteFallback);
  writer.join();
}

function normalizerSpec(
  writer: BinaryWriter,
  { name = 'identity', charsmap = '', escapeSpaces = true },
): void {
  writer.tag(3, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).string(name);
  writer.tag(2, WireType.LengthDelimited).string(charsmap);
  writer.tag(5, WireType.Varint).bool(escapeSpaces);
  writer.join();
}

function piece(writer: BinaryWriter, text: string, type: number, score = 0): void {
  writer.tag(1, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).string(text);
  writer.tag(2, WireType.Bit32).float(score);
  writer.tag(3, WireType.Varint).int32(type);
  writer.join();
}

describe('tokenizerJsonFromSentencePiece', () => {
  it('lists the vocabulary by id and marks the special tokens', () => {
    const { model, added_tokens } = tokenizerJsonFromSentencePiece(tiny);
    expect(Object.keys(model.vocab)).toHaveLength(4096);
    expect(model.vocab['▁a']).toBe(259);
    expect(added_tokens.map(({ id, content }) => [id, content])).toEqual([
      [0, '<unk>'],
      [1, '<s>'],
      [2, '</s>'],
    ]);
  });

  it('lists merges from the best scoring piece down, and none that makes a special or a byte piece', () => {
    const { merges, vocab } = tokenizerJsonFromSentencePiece(tiny).model;
    const ids = merges.map((pair) => vocab[pair.join('')]!);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    expect(Math.min(...ids)).toBe(259);
    expect(merges[0]).toEqual(['▁', 'a']);
  });

  it.each([
    ['a Unigram model', (w: BinaryWriter) => trainerSpec(w, { modelType: 1 }), 'trained as Unigram'],
    [
      'a model without byte fallback',
      (w: BinaryWriter) => trainerSpec(w, { byteFallback: false }),
      'no byte fallback',
    ],
    ['spaces as suffixes', (w: BinaryWriter) => trainerSpec(w, { spaceAsSuffix: true }), 'ends of words'],
    [
      'NFKC normalisation',
      (w: BinaryWriter) => normalizerSpec(w, { name: 'nmt_nfkc', charsmap: 'x' }),
      '"nmt_nfkc"',
    ],
    [
      'unescaped spaces',
      (w: BinaryWriter) => normalizerSpec(w, { escapeSpaces: false }),
      'does not escape spaces',
    ],
    ['user-defined pieces', (w: BinaryWriter) => piece(w, '<mask>', 4), '"<mask>" of the type UserDefined'],
    ['unused pieces', (w: BinaryWriter) => piece(w, 'old', 5), '"old" of the type Unused'],
    ['a piece twice', (w: BinaryWriter) => piece(w, '▁a', 1), 'the same piece twice'],
    [
      'added words of equal score',
      (w: BinaryWriter) => {
        piece(w, '你好', 1, -5000);
        piece(w, '好吗', 1, -5000);
      },
      '"你好" and "好吗" the same score -5000',
    ],
  ])('refuses %s, which it could not reproduce', (_, extraFields, words) => {
    const convert = () => tokenizerJsonFromSentencePiece(tinyWith(extraFields));
    expect(convert).toThrow(expect.objectContaining({ code: 'tokenizer-file' }));
    expect(convert).toThrow(words);
  });

  it('takes runs of one character of equal score, which come out the same in any order', () => {
    const runs = tinyWith((writer) => {
      piece(writer, '####', 1, -5000);
      piece(writer, '##', 1, -5000);
    });
    expect(Object.keys(tokenizerJsonFromSentencePiece(runs).model.vocab)).toContain('####');
  });

  it.each([
    ['an empty file', new Uint8Array()],
    ['a file cut short', tiny.subarray(0, 20_001)],
    ['a web page', Buffer.from('<!doctype html><html><body>Sign in</body></html>')],
    [
      'a Git LFS pointer',
      Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:9e55\nsize 499723\n'),
    ],
  ])('says plainly that %s is no tokenizer', (_, bytes) => {
    expect(() => tokenizerJsonFromSentencePiece(bytes)).toThrow(
      expect.objectContaining({ code: 'tokenizer-file' }),
    );
  });
});
