/** PyTorch's bicubic interpolation (`torch.nn.functional.interpolate`) has this sharpness. */
const A = -0.75;

/**
 * Fits a ViT's learned positions to another image size, as MiniGPT-4's eva_vit.py does (`interpolate_pos_embed`):
 * the class token's row is kept, the square of patches is resized bicubically without aligned corners.
 *
 * @param positions float32 `[1 + from², width]`
 * @returns float32 `[1 + to², width]`
 */
export function resizePositionEmbedding(
  positions: Float32Array,
  { from, to, width }: { readonly from: number; readonly to: number; readonly width: number },
): Float32Array {
  const resized = new Float32Array((1 + to * to) * width);
  resized.set(positions.subarray(0, width));
  const taps = Array.from({ length: to }, (_, index) => tapsFor(index, from, to));
  for (const [y, rows] of taps.entries()) {
    for (const [x, columns] of taps.entries()) {
      const target = (1 + y * to + x) * width;
      for (const row of rows) {
        for (const column of columns) {
          const source = (1 + row.index * from + column.index) * width;
          const weight = row.weight * column.weight;
          for (let i = 0; i < width; i++) {
            resized[target + i] = resized[target + i]! + weight * positions[source + i]!;
          }
        }
      }
    }
  }
  return resized;
}

/** The four old places, at the borders repeated, that make up a new one along an axis. */
function tapsFor(index: number, from: number, to: number): { index: number; weight: number }[] {
  const position = ((index + 0.5) * from) / to - 0.5;
  const floor = Math.floor(position);
  return [-1, 0, 1, 2].map((offset) => ({
    index: Math.min(Math.max(floor + offset, 0), from - 1),
    weight: cubic(Math.abs(position - floor - offset)),
  }));
}

/** Keys' convolution kernel at a distance below 2. */
function cubic(distance: number): number {
  const d = distance;
  return d <= 1 ? (A + 2) * d ** 3 - (A + 3) * d ** 2 + 1 : A * d ** 3 - 5 * A * d ** 2 + 8 * A * d - 4 * A;
}
