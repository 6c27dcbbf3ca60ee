import { removeReasoning } from './remove-reasoning.js';

const caption = 'The image shows a red apple. It lies on a table.';

describe('what a language model says', () => {
  it.each([
    ['nothing but its answer', caption],
    ['<think>', `<think>\nThere is an error.\n</think>\n\n${caption}`],
    ['empty thoughts', `<think>\n\n</think>\n\n${caption}`],
    ['thoughts that the template began', `There is an error.\n</think>\n${caption}`],
    ['<reasoning>', `<reasoning>Hm.</reasoning>${caption}`],
    ['thoughts in capitals and with attributes', `<Thinking budget="10">Hm.</Thinking> ${caption}`],
    [
      "harmony's channels",
      `<|channel|>analysis<|message|>There is an error.<|end|><|start|>assistant<|channel|>final<|message|>${caption}<|return|>`,
    ],
    ['a token of its template at the end', `${caption}<|im_end|>`],
    ['several of them', `<s> ${caption}</s><|eot_id|>`],
  ])('is kept whole, without %s', (_, reply) => {
    expect(removeReasoning(reply)).toBe(caption);
  });

  it.each([
    ['<think>I wonder what', 'thoughts that were cut off'],
    ['<|channel|>analysis<|message|>I wonder what', 'a channel that is not the answer'],
    ['<|im_end|>', 'a token alone'],
  ])('is empty where there is only %s', (reply) => {
    expect(removeReasoning(reply)).toBe('');
  });

  it('may speak of thinking, and compare with signs', () => {
    const text = 'A man thinks <about> it: 3 < 4 > 2, </br>.';
    expect(removeReasoning(text)).toBe(text);
  });
});
