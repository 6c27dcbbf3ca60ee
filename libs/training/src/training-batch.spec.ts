import { layOutBatch } from './training-batch.js';

describe('a batch of sequences', () => {
  it('has the tokens before, the image, the tokens between and the answer, padded at the end', () => {
    const { textIds, rows, shape, targetRows, targetIds } = layOutBatch(
      [
        { before: [11, 12], between: [13], answer: [14, 15] },
        { before: [21], between: [], answer: [22] },
      ],
      2,
    );
    expect(shape).toEqual([2, 7]);
    // Rows 0 to 3 are the images', 4 is the padding, the text begins at 5.
    expect([...textIds].map(Number)).toEqual([0, 11, 12, 13, 14, 15, 21, 22]);
    expect([...rows].map(Number)).toEqual([5, 6, 0, 1, 7, 8, 9, 10, 2, 3, 11, 4, 4, 4]);
    // What stands before a token predicts it: 13 → 14 → 15, and the second image's last → 22.
    expect([...targetRows].map(Number)).toEqual([4, 5, 9]);
    expect([...targetIds].map(Number)).toEqual([14, 15, 22]);
  });

  it('of one needs no padding', () => {
    const { rows, shape } = layOutBatch([{ before: [1], between: [2], answer: [3] }], 1);
    expect(shape).toEqual([1, 4]);
    expect([...rows].map(Number)).toEqual([2, 0, 3, 4]);
  });
});
