import { CodedError } from '#libs/errors';
import { Graph, type Value } from '../graph.js';

/** What one iteration of a loop gives. */
export interface Iteration {
  /** Whether there is to be another iteration: bool `[]`. */
  readonly goOn: Value;
  /** For the next iteration, in the order of the initial state. */
  readonly state: readonly Value[];
  /** Collected over all iterations. */
  readonly results: readonly Value[];
}

/**
 * ONNX's Loop: repeats a body up to `limit` times, an int64 `[]`.
 *
 * @param name unique in the graph
 * @param initial what the first iteration starts from. A dimension with a name may have another size in each iteration.
 * @param build adds the nodes of one iteration to the body, which may use the values of the graph around it;
 *   `iteration` counts from 0, an int64 `[]`
 * @returns the state after the last iteration, and the results, stacked along a new first axis called `iterations`
 */
export function loop(
  name: string,
  limit: Value,
  initial: readonly Value[],
  build: (body: Graph, iteration: Value, state: readonly Value[]) => Iteration,
): { state: Value[]; results: Value[] } {
  const { graph } = limit;
  const body = new Graph(graph);
  const iteration = body.input(`${name}.iteration`, 'int64', []);
  body.input(`${name}.going_on`, 'bool', []);
  const state = initial.map(({ dataType, shape }, index) =>
    body.input(`${name}.state.${index}`, dataType, shape),
  );
  const next = build(body, iteration, state);
  if (next.state.length !== initial.length) {
    throw new CodedError(
      'graph',
      `A loop over ${initial.length} values was given ${next.state.length} for the next iteration`,
    );
  }
  body.output(`${name}.go_on`, next.goOn);
  next.state.forEach((value, index) => {
    body.output(`${name}.next.${index}`, value);
  });
  next.results.forEach((value, index) => {
    body.output(`${name}.result.${index}`, value);
  });
  const outputs = graph.node(
    'Loop',
    [limit, undefined, ...initial],
    [
      ...next.state,
      ...next.results.map(({ dataType, shape }) => ({ dataType, shape: ['iterations', ...shape] })),
    ],
    { body: { graph: body } },
  );
  return { state: outputs.slice(0, initial.length), results: outputs.slice(initial.length) };
}
