/** Buckets of a histogram over scores, from the best score down. */
const BUCKETS = 2048;
/** The last bucket takes all scores further below the best than BUCKETS / BUCKETS_PER_UNIT. */
const BUCKETS_PER_UNIT = 64;

/**
 * Keeps the best-scored candidates: the smallest number of them, best first, whose weights add up to `target`.
 * Equal scores go by id. With weight 1 this is top-k; with the probability as weight, top-p.
 *
 * A histogram over the scores finds the neighbourhood of the boundary, and only that is sorted: the time grows
 * with the number of candidates, not with its logarithm.
 *
 * @param candidates ids in ascending order; the kept ones move to the front in order
 * @param weights by id; 1 each when left out
 * @param target above 0
 * @returns the kept ids
 */
export function keepLikeliest(
  scores: Float32Array,
  best: number,
  candidates: Int32Array,
  target: number,
  weights?: Float32Array,
): Int32Array {
  const buckets = new Uint16Array(candidates.length);
  const weightOfBucket = new Float64Array(BUCKETS);
  for (let index = 0; index < candidates.length; index++) {
    const id = candidates[index]!;
    const bucket = Math.min((best - scores[id]!) * BUCKETS_PER_UNIT, BUCKETS - 1) | 0;
    buckets[index] = bucket;
    weightOfBucket[bucket]! += weights ? weights[id]! : 1;
  }
  let weight = 0;
  let boundary = 0;
  while (boundary < BUCKETS - 1 && weight + weightOfBucket[boundary]! < target) {
    weight += weightOfBucket[boundary]!;
    boundary++;
  }

  const atBoundary: number[] = [];
  for (let index = 0; index < candidates.length; index++) {
    if (buckets[index] === boundary) atBoundary.push(candidates[index]!);
  }
  atBoundary.sort((a, b) => scores[b]! - scores[a]! || a - b);
  let worst = -1;
  for (const id of atBoundary) {
    if (weight >= target) break;
    weight += weights ? weights[id]! : 1;
    worst = id;
  }

  let kept = 0;
  for (let index = 0; index < candidates.length; index++) {
    const id = candidates[index]!;
    const isKept =
      buckets[index]! < boundary ||
      (buckets[index] === boundary &&
        (scores[id]! > scores[worst]! || (scores[id] === scores[worst] && id <= worst)));
    if (isKept) candidates[kept++] = id;
  }
  return candidates.subarray(0, kept);
}
