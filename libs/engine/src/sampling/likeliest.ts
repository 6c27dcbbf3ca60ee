const BUCKETS = 1024;

/** Scores further below the best than this share the last bucket: their weights are below what a float can add. */
const WIDEST_RANGE = 100;

/**
 * Keeps the best-scored candidates: the smallest number of them, best first, whose weights add up to `target`.
 * Equal scores go by id. With weight 1 this is top-k; with the probability as weight, top-p.
 *
 * A histogram over the scores finds the neighbourhood of the boundary, and only that is sorted: the time grows
 * with the number of candidates, not with its logarithm.
 *
 * @param candidates ids in ascending order; the first `count` count, and the kept ones move to the front in order
 * @param target above 0
 * @returns how many are kept, at least one
 */
export function keepLikeliest(
  scores: Float32Array,
  candidates: Int32Array,
  count: number,
  weightOf: (id: number) => number,
  target: number,
): number {
  let best = -Infinity;
  let worst = Infinity;
  for (let index = 0; index < count; index++) {
    const score = scores[candidates[index]!]!;
    if (score > best) best = score;
    if (score < worst) worst = score;
  }
  const scale = (BUCKETS - 1) / Math.max(Math.min(best - worst, WIDEST_RANGE), Number.MIN_VALUE);
  const bucketOf = (id: number) => Math.min((best - scores[id]!) * scale, BUCKETS - 1) | 0;

  const weightOfBucket = new Float64Array(BUCKETS);
  for (let index = 0; index < count; index++) {
    const id = candidates[index]!;
    weightOfBucket[bucketOf(id)]! += weightOf(id);
  }
  let weight = 0;
  let boundary = 0;
  while (boundary < BUCKETS - 1 && weight + weightOfBucket[boundary]! < target) {
    weight += weightOfBucket[boundary]!;
    boundary++;
  }

  const atBoundary = candidates.subarray(0, count).filter((id) => bucketOf(id) === boundary);
  atBoundary.sort((a, b) => scores[b]! - scores[a]! || a - b);
  let last = 0;
  while (last < atBoundary.length && weight < target) weight += weightOf(atBoundary[last++]!);
  const kept = new Set(atBoundary.subarray(0, last));

  let keptCount = 0;
  for (let index = 0; index < count; index++) {
    const id = candidates[index]!;
    const bucket = bucketOf(id);
    if (bucket < boundary || (bucket === boundary && kept.has(id))) candidates[keptCount++] = id;
  }
  return keptCount;
}
