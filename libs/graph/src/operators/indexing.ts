import { CodedError } from '#libs/errors';
import { singleOutput, type Value } from '../graph.js';
import { formatShape, sameShape } from '../shape.js';

/** The rows of a table `[rows, …]` that int64 indices name: `[…indices, …]`. */
export function gather(table: Value, indices: Value): Value {
  return singleOutput('Gather', [table, indices], {
    dataType: table.dataType,
    shape: [...indices.shape, ...table.shape.slice(1)],
  });
}

/** The element of each last dimension that an int64 index names: `[…, n]` by `[…, 1]` → `[…, 1]`. */
export function gatherLast(x: Value, indices: Value): Value {
  if (!sameShape(indices.shape, x.shape.with(-1, 1))) {
    throw new CodedError(
      'shape',
      `GatherElements: indices ${formatShape(indices.shape)} do not pick one of each row of ${formatShape(x.shape)}`,
    );
  }
  return singleOutput(
    'GatherElements',
    [x, indices],
    { dataType: x.dataType, shape: indices.shape },
    { axis: { int: -1 } },
  );
}

/** The opposite of `gatherLast`: a copy of `x` with `updates` at the indices. */
export function scatterLast(x: Value, indices: Value, updates: Value): Value {
  return singleOutput(
    'ScatterElements',
    [x, indices, updates],
    { dataType: x.dataType, shape: x.shape },
    { axis: { int: -1 } },
  );
}

/** Adds rows to those of a table that int64 indices `[…, 1]` name, again where one is named again. */
export function scatterAddRows(table: Value, indices: Value, rows: Value): Value {
  return singleOutput(
    'ScatterND',
    [table, indices, rows],
    { dataType: table.dataType, shape: table.shape },
    { reduction: { string: 'add' } },
  );
}

/**
 * For each of the first `batchDimensions` the slices that int64 indices `[…batch, n, 1]` name along the next axis:
 * `[…batch, size, …rest]` → `[…batch, n, …rest]`.
 */
export function gatherBatched(x: Value, indices: Value, batchDimensions: number): Value {
  return singleOutput(
    'GatherND',
    [x, indices],
    {
      dataType: x.dataType,
      shape: [...indices.shape.slice(0, -1), ...x.shape.slice(batchDimensions + 1)],
    },
    { batch_dims: { int: batchDimensions } },
  );
}
