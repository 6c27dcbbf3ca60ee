import {
  add,
  matMul,
  multiHeadAttention,
  multiply,
  patchConvolution,
  reshape,
  scalar,
  softmax,
  transpose,
  type Value,
} from '#libs/graph';

/**
 * The parts of the networks that exist both as one fused kernel, which is faster, and in operators that can be
 * differentiated. The networks are written once for both.
 */
export interface Kernels {
  /** query `[batch, queries, width]`, key and value `[batch, keys, width]` → `[batch, queries, width]`. */
  attention(query: Value, key: Value, value: Value, heads: number): Value;
  /**
   * pixels `[images, 3, side, side]`, kernels `[width, 3, patchSize, patchSize]` → `[images, patches, width]`,
   * row by row.
   */
  embedPatches(pixels: Value, kernels: Value, bias: Value): Value;
}

/** For inference. */
export const fusedKernels: Kernels = {
  attention: multiHeadAttention,

  embedPatches(pixels, kernels, bias) {
    const grid = patchConvolution(pixels, kernels, bias);
    const [images, width, rows, columns] = grid.shape;
    return transpose(reshape(grid, [images!, width!, Number(rows) * Number(columns)]), [0, 2, 1]);
  },
};

/** For training. */
export const differentiableKernels: Kernels = {
  attention(query, key, value, heads) {
    return mergeHeads(
      scaledDotProductAttention(splitHeads(query, heads), splitHeads(key, heads), splitHeads(value, heads)),
    );
  },

  embedPatches(pixels, kernels, bias) {
    const [images, channels, side] = pixels.shape;
    const [width, , size] = kernels.shape.map(Number) as [number, number, number];
    const [rows, inputs] = [Number(side) / size, Number(channels) * size * size];
    const grid = reshape(pixels, [images!, channels!, rows, size, rows, size]);
    const patches = reshape(transpose(grid, [0, 2, 4, 1, 3, 5]), [images!, rows * rows, inputs]);
    return add(matMul(patches, transpose(reshape(kernels, [width, inputs]), [1, 0])), bias);
  },
};

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
