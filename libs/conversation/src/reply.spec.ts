import { replyText } from './index.js';

describe('replyText', () => {
  it.each([
    ['It is an apple.', 'It is an apple.'],
    [' It is an apple.\n', 'It is an apple.'],
    ['It is an apple.###Human: And this?###Assistant: A pear.', 'It is an apple.'],
    ['Assistant: It is an apple.', 'It is an apple.'],
    ['Human: What is it? Assistant: It is an apple.', 'It is an apple.'],
    ['####', ''],
    ['', ''],
  ])('takes the reply from %j', (generated, reply) => {
    expect(replyText('vicuna-v0', generated)).toBe(reply);
  });

  it('takes all of it in a template without roles', () => {
    expect(replyText('instruction', ' three boats ')).toBe('three boats');
  });

  it('goes by [/INST] in the Llama-2 chat template, and leaves "###" to it', () => {
    expect(replyText('llama-2-chat', ' [/INST] ### An apple ')).toBe('### An apple');
  });
});
