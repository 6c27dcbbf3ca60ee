/** The pairs of one of the three lists. */
export function pairsIn(list, pairs) {
  switch (list) {
    case 'open':
      return pairs.filter((pair) => !pair.droppedBecause && !pair.review);
    case 'passed':
      return pairs.filter((pair) => !pair.droppedBecause);
    case 'dropped':
      return pairs.filter((pair) => pair.droppedBecause);
  }
}

/** "3 of 12 reviewed: 2 kept, 1 rejected" and the numbers for the bar. */
export function progressOf(pairs) {
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
export function stateOf({ review, droppedBecause, caption }) {
  if (review?.decision === 'reject') return 'Rejected';
  if (review) return review.caption === caption ? 'Kept' : 'Kept, edited';
  return droppedBecause ? `Dropped by the rules: ${droppedBecause}` : 'Not reviewed yet';
}
