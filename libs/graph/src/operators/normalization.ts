import { CodedError } from '#libs/errors';
import { singleOutput, type Value } from '../graph.js';
import { formatShape } from '../shape.js';

function expectWidth(operator: string, x: Value, weight: Value): void {
  if (weight.shape.length !== 1 || weight.shape[0] !== x.shape.at(-1)) {
    throw new CodedError(
      'shape',
      `${operator}: the weight ${formatShape(weight.shape)} does not fit ${formatShape(x.shape)}`,
    );
  }
}

/** LayerNorm over the last dimension. */
export function layerNormalization(x: Value, weight: Value, bias: Value, epsilon: number): Value {
  expectWidth('LayerNormalization', x, weight);
  return singleOutput(
    'LayerNormalization',
    [x, weight, bias],
    { dataType: x.dataType, shape: x.shape },
    { axis: { int: -1 }, epsilon: { float: epsilon } },
  );
}

/** RMSNorm over the last dimension (ONNX Runtime's SimplifiedLayerNormalization). */
export function rmsNormalization(x: Value, weight: Value, epsilon: number): Value {
  expectWidth('SimplifiedLayerNormalization', x, weight);
  return singleOutput(
    'SimplifiedLayerNormalization',
    [x, weight],
    { dataType: x.dataType, shape: x.shape },
    { axis: { int: -1 }, epsilon: { float: epsilon } },
  );
}

/** The sum of two tensors and its RMSNorm, in one pass over memory. */
export function addAndRmsNormalize(
  x: Value,
  residual: Value,
  weight: Value,
  epsilon: number,
): { sum: Value; normalized: Value } {
  expectWidth('SkipSimplifiedLayerNormalization', x, weight);
  const type = { dataType: x.dataType, shape: x.shape };
  const statistics = { dataType: 'float32', shape: [...x.shape.slice(0, -1), 1] } as const;
  const [normalized, , , sum] = x.graph.node(
    'SkipSimplifiedLayerNormalization',
    [x, residual, weight],
    [type, statistics, statistics, type],
    { epsilon: { float: epsilon } },
    'com.microsoft',
  );
  return { sum: sum!, normalized: normalized! };
}
