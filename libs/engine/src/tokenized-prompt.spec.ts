import { readFileSync } from 'node:fs';

import { Tokenizer, tokenizerJsonFromSentencePiece } from '#libs/tokenizer';

import type { ImageDigest, Segment } from './engine.js';
import { countSegmentTokens, tokenizePrompt } from './tokenized-prompt.js';

const BEGIN = 1;
const IMAGE = -1;
const TOKENS_PER_IMAGE = 64;
const digest = `sha256:${'0'.repeat(64)}` as ImageDigest;

const tokenizer = Tokenizer.fromJson(
  tokenizerJsonFromSentencePiece(readFileSync('test/fixtures/reference/tiny/llm/tokenizer.model')),
);
const text = (value: string, beginsSequence?: true): Segment => ({
  kind: 'text',
  text: value,
  beginsSequence,
});
const image: Segment = { kind: 'image', image: { kind: 'digest', digest } };

const tokenIds = (segments: readonly Segment[]) =>
  tokenizePrompt(segments, tokenizer).flatMap((part) => (part.kind === 'text' ? part.tokenIds : [IMAGE]));
const idsOf = (...texts: string[]) => texts.map((part) => tokenizer.encode(part));

describe('a prompt in tokens', () => {
  it('begins a sequence once, ahead of its first segment, be it an image', () => {
    const [look, end] = idsOf('Look:', 'This is it.');
    expect(tokenIds([text('Look:'), image, text('This is it.')])).toEqual([BEGIN, ...look!, IMAGE, ...end!]);
    expect(tokenIds([image, text('This is it.')])).toEqual([BEGIN, IMAGE, ...end!]);
    expect(tokenIds([text('Look:', true)])).toEqual([BEGIN, ...look!]);
  });

  it('begins another where a segment asks for it', () => {
    const [look, end] = idsOf('Look:', 'This is it.');
    expect(tokenIds([text('Look:'), text('This is it.', true)])).toEqual([BEGIN, ...look!, BEGIN, ...end!]);
    expect(tokenIds([text('Look:'), { ...image, beginsSequence: true }])).toEqual([
      BEGIN,
      ...look!,
      BEGIN,
      IMAGE,
    ]);
  });

  it('begins after the images that open it where the model does so, and with nothing else too', () => {
    const json = tokenizerJsonFromSentencePiece(
      readFileSync('test/fixtures/reference/tiny/llm/tokenizer.model'),
    );
    const afterImages = Tokenizer.fromJson(json, { beginsAfterImages: true });
    const idsAfterImages = (segments: readonly Segment[]) =>
      tokenizePrompt(segments, afterImages).flatMap((part) =>
        part.kind === 'text' ? part.tokenIds : [IMAGE],
      );
    const [look] = idsOf('Look:');
    expect(idsAfterImages([image, text('Look:')])).toEqual([IMAGE, BEGIN, ...look!]);
    expect(idsAfterImages([text('Look:')])).toEqual([BEGIN, ...look!]);
    expect(idsAfterImages([image])).toEqual([IMAGE, BEGIN]);
    expect(countSegmentTokens([image], afterImages, TOKENS_PER_IMAGE).tokens).toBe(TOKENS_PER_IMAGE + 1);
    expect(countSegmentTokens([image, text('Look:')], afterImages, TOKENS_PER_IMAGE).segmentTokens).toEqual([
      TOKENS_PER_IMAGE,
      look!.length + 1,
    ]);
  });

  it('is counted with its begin-of-sequence tokens', () => {
    const segments = [text('Look:'), image, text('This is it.', true), image];
    const { tokens, segmentTokens } = countSegmentTokens(segments, tokenizer, TOKENS_PER_IMAGE);
    expect(tokens).toBe(tokenIds(segments).length + 2 * (TOKENS_PER_IMAGE - 1));
    const [look, end] = idsOf('Look:', 'This is it.');
    expect(segmentTokens).toEqual([look!.length + 1, TOKENS_PER_IMAGE, end!.length + 1, TOKENS_PER_IMAGE]);
  });

  it('has the ids of the original where its Llama-2 template writes "<s>" before every [INST]', () => {
    const prompt = [
      text('Look.'),
      text('[INST] <Img>', true),
      image,
      text('</Img> What is this? [/INST] An apple.'),
      text('[INST] What colour? [/INST] ', true),
    ];
    const [system, opening, question, next] = idsOf(
      'Look.',
      '[INST] <Img>',
      '</Img> What is this? [/INST] An apple.',
      '[INST] What colour? [/INST] ',
    );
    expect(tokenIds(prompt)).toEqual([
      ...[BEGIN, ...system!, BEGIN, ...opening!, IMAGE, ...question!],
      ...[BEGIN, ...next!],
    ]);
  });
});
