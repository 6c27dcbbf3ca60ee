import { resizePositionEmbedding } from './resize-position-embedding.js';

/** One number for the class token, then a square of them. */
const positions = (classToken: number, grid: readonly number[]) => Float32Array.of(classToken, ...grid);

describe('resizing a position embedding', () => {
  it('keeps the class token and, at the same size, everything', () => {
    const original = positions(9, [1, 2, 3, 4]);
    expect(resizePositionEmbedding(original, { from: 2, to: 2, width: 1 })).toEqual(original);
  });

  it('keeps an even surface even', () => {
    const even = positions(1, new Array(16).fill(0.5));
    const resized = resizePositionEmbedding(even, { from: 4, to: 7, width: 1 });
    expect(resized).toHaveLength(1 + 49);
    for (const value of resized.subarray(1)) expect(value).toBeCloseTo(0.5, 6);
  });

  it('is bicubic with a = -0.75, half-pixel centres and repeated borders', () => {
    const resized = resizePositionEmbedding(positions(0, [0, 1, 2, 3]), { from: 2, to: 4, width: 1 });
    // Along an axis 0, 1 becomes these, by Keys' kernel at distances 0.25, 0.75, 1.25 and 1.75.
    const axis = [-27, 58, 198, 283].map((value) => value / 256);
    for (const [y, row] of axis.entries()) {
      for (const [x, column] of axis.entries()) {
        expect(resized[1 + y * 4 + x]).toBeCloseTo(2 * row + column, 6);
      }
    }
  });
});
