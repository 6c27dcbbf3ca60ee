import type { Random } from '../random.js';

/** A random order of the numbers from 0 to `count - 1` (Fisher and Yates). */
export function randomOrder(count: number, random: Random): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let end = count - 1; end > 0; end--) {
    const chosen = random.below(end + 1);
    [order[end], order[chosen]] = [order[chosen]!, order[end]!];
  }
  return order;
}
