import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { WordPieceTokenizer } from './index.js';

const published = resolve('test/fixtures/families/instructblip');
const ofPublished = WordPieceTokenizer.fromVocabulary(
  readFileSync(resolve(published, 'lavis/bert-base-uncased/vocab.txt'), 'utf8'),
);

const pieces = [
  '[PAD]',
  '[UNK]',
  '[CLS]',
  '[SEP]',
  'the',
  'cafe',
  'un',
  '##usual',
  '##s',
  '$',
  '5',
  '中',
  '文',
  "'",
  '?',
];
const tokenizer = WordPieceTokenizer.fromVocabulary(`${pieces.join('\n')}\n`);
const read = (text: string, maxTokens?: number) =>
  tokenizer
    .encode(text, maxTokens)
    .map((id) => pieces[id])
    .slice(1, -1);

describe('the WordPiece tokenizer', () => {
  it('encodes the reference’s questions as the original does', () => {
    const { cases } = JSON.parse(readFileSync(resolve(published, 'expected.json'), 'utf8')) as {
      cases: { prompt: string; qformer_token_ids: number[] }[];
    };
    expect(cases.map(({ prompt }) => ofPublished.encode(prompt))).toEqual(
      cases.map(({ qformer_token_ids }) => qformer_token_ids),
    );
  });

  it.each([
    ['takes the longest piece first', 'unusual', ['un', '##usual']],
    ['takes a word for an unknown one when a part of it is', 'unusualx the', ['[UNK]', 'the']],
    ['writes words small and leaves accents out', 'THE Café CAFE\u0301S', ['the', 'cafe', 'cafe', '##s']],
    ['cuts at punctuation and at symbols', "the's $5?", ['the', "'", '[UNK]', '$', '5', '?']],
    ['takes each ideograph for a word', 'the中文cafe', ['the', '中', '文', 'cafe']],
    ['drops characters that are not seen', 'ca\u200bfe\0 \u{e0041}the', ['cafe', 'the']],
    ['takes all kinds of white space for a space', 'the\u3000\t\u00a0cafe', ['the', 'cafe']],
    ['takes a word of more than 100 letters for an unknown one', `${'s'.repeat(101)}`, ['[UNK]']],
    ['finds no special tokens in a text', '[SEP]', ['[UNK]', '[UNK]', '[UNK]']],
  ])('%s', (_, text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it('leaves the beginning of a long text out', () => {
    expect(read('the the cafe 5?', 5)).toEqual(['cafe', '5', '?']);
  });

  it('refuses what is no such vocabulary', () => {
    expect(() => WordPieceTokenizer.fromVocabulary('{"the": 1}')).toThrow(
      /vocab\.txt lacks the token \[CLS\]/,
    );
  });
});
