/** What the page shows of a pair. The server sends it so. */
export interface ShownPair {
  readonly id: string;
  readonly file: string;
  readonly caption: string;
  /** What the model said. */
  readonly description?: string | undefined;
  /** What the repair answered. */
  readonly answer?: string | undefined;
  /** Why the rules dropped it, in words. */
  readonly droppedBecause?: string | undefined;
  review?: { readonly decision: 'keep' | 'reject'; readonly caption: string } | undefined;
}

/** Which pairs are on each of the page's lists. */
const lists = {
  open: (pair: ShownPair) => !pair.droppedBecause && !pair.review,
  passed: (pair: ShownPair) => !pair.droppedBecause,
  dropped: (pair: ShownPair) => pair.droppedBecause !== undefined,
};

export type List = keyof typeof lists;

export const isList = (name: string): name is List => Object.hasOwn(lists, name);

export const pairsIn = (list: List, pairs: readonly ShownPair[]) => pairs.filter(lists[list]);

/** "3 of 12 reviewed: 2 kept, 1 rejected" and the numbers for the bar. */
export function progressOf(pairs: readonly ShownPair[]) {
  const passed = pairsIn('passed', pairs);
  const reviewed = passed.filter(({ review }) => review);
  const kept = pairs.filter(({ review }) => review?.decision === 'keep').length;
  const rejected = pairs.filter(({ review }) => review?.decision === 'reject').length;
  return {
    done: reviewed.length,
    total: passed.length,
    text: `${reviewed.length} of ${passed.length} reviewed: ${kept} kept, ${rejected} rejected`,
  };
}

/** What was decided about a pair, or why it was dropped before. */
export function stateOf({ review, droppedBecause, caption }: ShownPair): string {
  if (review?.decision === 'reject') return 'Rejected';
  if (review) return review.caption === caption ? 'Kept' : 'Kept, edited';
  return droppedBecause ? `Dropped by the rules: ${droppedBecause}` : 'Not reviewed yet';
}
