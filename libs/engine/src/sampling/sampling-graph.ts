import {
  and,
  argMax,
  cast,
  cumulativeSum,
  divide,
  equal,
  exactScalar,
  greater,
  greaterOrEqual,
  integer,
  integers,
  minimum,
  multiply,
  not,
  or,
  range,
  reduceMax,
  reduceSum,
  scatterLast,
  sliceBetween,
  sortDescending,
  subtract,
  type Value,
  where,
} from '#libs/graph';

import { exponentialDecayGraph } from './exponential.js';

/** One row's settings stand in one row of each: `[rows, 1]`, float64 where nothing else is said. */
export interface SamplingInputs {
  /** 0 takes the likeliest token. */
  readonly temperature: Value;
  readonly topP: Value;
  /** int64; the vocabulary's size where there is no limit. */
  readonly topK: Value;
  readonly repetitionPenalty: Value;
  /** The uniform number that decides between the tokens, at least 0 and below 1. */
  readonly draw: Value;
  /** Which tokens the reply already has: bool `[rows, vocabulary]`. */
  readonly generated: Value;
}

export interface SampledToken {
  /** int64 `[rows, 1]`; -1 where there is no usable logit. */
  readonly token: Value;
  /** The tokens of the reply with this one. */
  readonly generated: Value;
}

/**
 * What `Sampler` does, in a graph: the same arithmetic in the same precision, so that the same logits and draws give
 * the same tokens.
 * @param logits `[rows, vocabulary]`
 */
export function sampleInGraph(logits: Value, inputs: SamplingInputs): SampledToken {
  const { graph } = logits;
  const scores = penaliseRepetition(logits, inputs);
  const isSampled = greater(inputs.temperature, exactScalar(graph, 0));
  const chosen = where(isSampled, drawn(scores, inputs), argMax(scores));

  const usable = greater(scores, cast(exactScalar(graph, -Infinity), 'float32'));
  const anyUsable = greater(reduceMax(cast(usable, 'int64'), [1]), integer(graph, 0));
  const token = where(anyUsable, chosen, integer(graph, -1));
  return { token, generated: or(inputs.generated, equal(vocabularyIds(logits), token)) };
}

function penaliseRepetition(logits: Value, { generated, repetitionPenalty }: SamplingInputs): Value {
  const exact = cast(logits, 'float64');
  const penalised = where(
    greaterOrEqual(exact, exactScalar(logits.graph, 0)),
    divide(exact, repetitionPenalty),
    multiply(exact, repetitionPenalty),
  );
  return cast(where(generated, penalised, exact), 'float32');
}

function drawn(scores: Value, { temperature, topK, topP, draw }: SamplingInputs): Value {
  const { graph } = scores;
  const zero = exactScalar(graph, 0);
  const one = exactScalar(graph, 1);
  const { sorted, indices } = sortDescending(scores);
  const exact = cast(sorted, 'float64');

  // Rows that are not sampled are computed all the same, and must not divide by 0.
  const divisor = where(greater(temperature, zero), temperature, one);
  const distance = divide(subtract(sliceBetween(exact, 1, 0, 1), exact), divisor);
  const withinTopK = greater(topK, vocabularyIds(scores));
  const weights = where(withinTopK, asStored(exponentialDecayGraph(distance)), zero);

  const target = multiply(topP, reduceSum(weights, [1]));
  const withinTopP = or(
    greaterOrEqual(topP, one),
    greater(target, cumulativeSum(weights, { exclusive: true })),
  );
  const isKept = and(withinTopK, withinTopP);
  const keptById = scatterLast(weights, indices, where(isKept, weights, zero));
  const cumulative = cumulativeSum(keptById);
  const threshold = multiply(draw, lastOf(cumulative));
  const passed = reduceSum(cast(not(greater(cumulative, threshold)), 'int64'), [1]);
  const lastKept = reduceMax(where(isKept, indices, integer(graph, -1)), [1]);
  return minimum(passed, lastKept);
}

/** Rounded as a Float32Array rounds what is stored in it. */
const asStored = (x: Value): Value => cast(cast(x, 'float32'), 'float64');

function lastOf(x: Value): Value {
  const size = Number(x.shape[1]);
  return sliceBetween(x, 1, size - 1, size);
}

/** 0, 1, 2 … up to the size of the vocabulary: int64 `[vocabulary]`. */
function vocabularyIds({ graph, shape }: Value): Value {
  const size = Number(shape[1]);
  return range(integers(graph, [size]), size);
}
