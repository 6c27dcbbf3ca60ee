import { readFileSync } from 'node:fs';

import { Tokenizer } from '#libs/tokenizer';

import { IMAGE_PLACEHOLDER, textSequence } from './text-sequences.js';

const tokenizer = Tokenizer.fromJson(JSON.parse(readFileSync('models/nano/tokenizer.json', 'utf8')));
const caption = 'The image shows a red apple on a white background.';
const whole = tokenizer.encode(`${caption}###`);

describe('the tokens of a training example', () => {
  it('are of stage 1 the begin-of-sequence token, the image and the answer', () => {
    expect(textSequence(tokenizer, '', caption, { endSymbol: '###', maxTokens: 160 })).toEqual({
      before: [tokenizer.beginOfSequence],
      between: [],
      answer: whole,
    });
  });

  it('begin with the begin-of-sequence token only once, as every segment is encoded on its own', () => {
    const prompt = `###Human: <Img>${IMAGE_PLACEHOLDER}</Img> What is it?###Assistant: `;
    const { before, between } = textSequence(tokenizer, prompt, caption, {
      endSymbol: '###',
      maxTokens: 160,
    });
    expect(before).toEqual([tokenizer.beginOfSequence, ...tokenizer.encode('###Human: <Img>')]);
    expect(between).toEqual(tokenizer.encode('</Img> What is it?###Assistant: '));
  });

  it('end with the end-of-sequence token where that is the end symbol', () => {
    const { answer } = textSequence(tokenizer, '', caption, { endSymbol: '</s>', maxTokens: 160 });
    expect(answer).toEqual([...tokenizer.encode(caption), tokenizer.endOfSequence]);
  });

  it('begin after the image where the model begins so', () => {
    const json = JSON.parse(readFileSync('models/nano/tokenizer.json', 'utf8'));
    const begun = Tokenizer.fromJson(json, { beginsAfterImages: true });
    const format = { endSymbol: '\n', maxTokens: 160 };
    const begin = [tokenizer.beginOfSequence];
    expect(textSequence(begun, '', 'A cat', format)).toMatchObject({ before: [], between: begin });
    const prompt = `${IMAGE_PLACEHOLDER}Question: What is it? Answer:`;
    expect(textSequence(begun, prompt, 'A cat', format)).toMatchObject({
      before: [],
      between: [...begin, ...tokenizer.encode('Question: What is it? Answer:')],
    });
  });

  it.each([1, 5, whole.length - 1, whole.length, whole.length + 1])(
    'are at most %i of an answer, its end symbol included',
    (maxTokens) => {
      const { answer } = textSequence(tokenizer, '', caption, { endSymbol: '###', maxTokens });
      expect(answer).toEqual(whole.slice(0, maxTokens));
      expect(answer).toHaveLength(Math.min(maxTokens, whole.length));
    },
  );
});
