import {
  add,
  addAndRmsNormalize,
  divide,
  erf,
  gelu,
  layerNormalization,
  matMul,
  multiHeadAttention,
  multiply,
  reduceMean,
  reshape,
  rmsNormalization,
  scalar,
  sigmoid,
  silu,
  softmax,
  sqrt,
  subtract,
  transpose,
  type Value,
} from '#libs/graph';

/**
 * The parts of the networks that exist both as one fused kernel and as plain operators. The fused ones are
 * faster, the plain ones can be differentiated; the networks are written once for both.
 */
export interface Kernels {
  /** GELU by the error function. */
  gelu(x: Value): Value;
  /** x · sigmoid(x). */
  silu(x: Value): Value;
  layerNorm(x: Value, weight: Value, bias: Value, epsilon: number): Value;
  rmsNorm(x: Value, weight: Value, epsilon: number): Value;
  /** The residual sum `x + residual`, and its RMSNorm. */
  addAndRmsNorm(x: Value, residual: Value, weight: Value, epsilon: number): { sum: Value; normalized: Value };
  /** query `[batch, queries, width]`, key and value `[batch, keys, width]` → `[batch, queries, width]`. */
  attention(query: Value, key: Value, value: Value, heads: number): Value;
}

export const fusedKernels: Kernels = {
  gelu,
  silu,
  layerNorm: layerNormalization,
  rmsNorm: rmsNormalization,
  addAndRmsNorm: addAndRmsNormalize,
  attention: multiHeadAttention,
};

export const plainKernels: Kernels = {
  gelu: plainGelu,
  silu: (x) => multiply(x, sigmoid(x)),
  layerNorm: plainLayerNorm,
  rmsNorm: plainRmsNorm,
  addAndRmsNorm(x, residual, weight, epsilon) {
    const total = add(x, residual);
    return { sum: total, normalized: plainRmsNorm(total, weight, epsilon) };
  },
  attention(query, key, value, heads) {
    return mergeHeads(
      scaledDotProductAttention(splitHeads(query, heads), splitHeads(key, heads), splitHeads(value, heads)),
    );
  },
};

function plainGelu(x: Value): Value {
  const { graph } = x;
  const cumulative = add(erf(multiply(x, scalar(graph, Math.SQRT1_2))), scalar(graph, 1));
  return multiply(multiply(x, scalar(graph, 0.5)), cumulative);
}

function plainLayerNorm(x: Value, weight: Value, bias: Value, epsilon: number): Value {
  const centred = subtract(x, reduceMean(x, [-1]));
  return add(plainRmsNorm(centred, weight, epsilon), bias);
}

function plainRmsNorm(x: Value, weight: Value, epsilon: number): Value {
  const meanSquare = reduceMean(multiply(x, x), [-1]);
  return multiply(divide(x, sqrt(add(meanSquare, scalar(x.graph, epsilon)))), weight);
}

/** `[batch, tokens, heads * headWidth]` → `[batch, heads, tokens, headWidth]` */
export function splitHeads(x: Value, heads: number): Value {
  const [batch, tokens, width] = x.shape;
  return transpose(reshape(x, [batch!, tokens!, heads, Number(width) / heads]), [0, 2, 1, 3]);
}

/** `[batch, heads, tokens, headWidth]` → `[batch, tokens, heads * headWidth]` */
export function mergeHeads(x: Value): Value {
  const [batch, heads, tokens, headWidth] = x.shape;
  return reshape(transpose(x, [0, 2, 1, 3]), [batch!, tokens!, Number(heads) * Number(headWidth)]);
}

/**
 * softmax(q kᵀ / √headWidth + mask) v, all `[batch, heads, tokens, headWidth]`; the mask broadcasts to
 * `[batch, heads, queries, keys]`.
 */
export function scaledDotProductAttention(query: Value, key: Value, value: Value, mask?: Value): Value {
  const scale = scalar(query.graph, 1 / Math.sqrt(Number(query.shape[3])));
  const scores = matMul(multiply(query, scale), transpose(key, [0, 1, 3, 2]));
  return matMul(softmax(mask ? add(scores, mask) : scores), value);
}
