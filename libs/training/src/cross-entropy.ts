import { gatherLast, logSoftmax, multiply, negate, reduceSum, reshape, type Value } from '#libs/graph';

/**
 * Cross-entropy of logits `[targets, vocabulary]` with the int64 ids `[targets]` that should have come. It is
 * summed and multiplied by `weight`, a number: one over the targets of the whole batch gives the mean, also when
 * the batch is computed in several parts.
 */
export function crossEntropy(logits: Value, ids: Value, weight: Value): Value {
  const [targets] = logits.shape;
  const logProbabilities = gatherLast(logSoftmax(logits), reshape(ids, [targets!, 1]));
  return multiply(negate(reduceSum(logProbabilities, [0, 1], false)), weight);
}
