import {
  cast,
  divide,
  exactScalar,
  floor,
  gather,
  greater,
  greaterOrEqual,
  multiply,
  subtract,
  type Value,
  where,
} from '#libs/graph';

const STEPS_PER_UNIT = 64;
/** e^-104 is less than the smallest float32. */
const RANGE = 104;

/** e^(-index / STEPS_PER_UNIT) */
const table = Float64Array.from({ length: RANGE * STEPS_PER_UNIT }, (_, index) =>
  Math.exp(-index / STEPS_PER_UNIT),
);

/**
 * e^-x for x of 0 and above, to 3 parts in 10^9, several times faster than Math.exp: a softmax over a vocabulary takes
 * tens of thousands of them. The table's step is so small that four terms of the series do for the rest.
 */
export function exponentialDecay(x: number): number {
  if (!(x < RANGE)) return 0;
  const step = (x * STEPS_PER_UNIT) | 0;
  const rest = x - step / STEPS_PER_UNIT;
  return table[step]! * (1 - rest * (1 - rest * (1 / 2 - rest / 6)));
}

/** The same in a graph, to the last bit: float64 in, float64 out, of any shape. */
export function exponentialDecayGraph(x: Value): Value {
  const { graph } = x;
  const number = (value: number) => exactScalar(graph, value);
  const steps = floor(multiply(x, number(STEPS_PER_UNIT)));
  const lastStep = number(table.length - 1);
  const step = where(greater(lastStep, steps), steps, lastStep); // the last one for NaN too
  const rest = subtract(x, divide(step, number(STEPS_PER_UNIT)));
  const third = subtract(number(1 / 2), divide(rest, number(6)));
  const series = subtract(number(1), multiply(rest, subtract(number(1), multiply(rest, third))));
  const values = graph.constant('float64', [table.length], table);
  const decay = multiply(gather(values, cast(step, 'int64')), series);
  return where(greaterOrEqual(x, number(RANGE)), number(0), decay);
}
