/** Widths of the published models' attention heads by layer width: EVA-CLIP ViT-g/14 and BERT base. */
const publishedHeads = new Map([
  [1408, 16],
  [768, 12],
]);

/**
 * The likely number of attention heads of a vision layer. Heads leave no trace in a checkpoint's shapes, so
 * they are known only for the published widths. For other widths the published models' proportion is kept:
 * heads grow with the square root of the width (1408 → 16, 768 → 12), so the even divisor of the width that is
 * nearest to sqrt(3/16 * width), by ratio, is taken (192 → 6, 64 → 4, 48 → 4).
 */
export function likelyHeads(width: number): { heads: number; published: boolean } {
  const heads = publishedHeads.get(width);
  if (heads) return { heads, published: true };
  const ideal = Math.sqrt((3 / 16) * width);
  const distance = (count: number) => Math.abs(Math.log(count / ideal));
  const divisors = Array.from({ length: width }, (_, index) => index + 1).filter(
    (count) => width % count === 0 && (count % 2 === 0 || count === 1),
  );
  return { heads: divisors.toSorted((a, b) => distance(a) - distance(b))[0] ?? 1, published: false };
}
