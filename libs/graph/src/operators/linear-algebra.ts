import { CodedError } from '#libs/errors';
import { expectRank, singleOutput, type Value } from '../graph.js';
import { broadcastShapes, formatShape } from '../shape.js';

/** Matrix product over the last two dimensions, `[…, m, k] × […, k, n] → […, m, n]`. */
export function matMul(a: Value, b: Value): Value {
  const [rows, inner] = a.shape.slice(-2);
  const [depth, columns] = b.shape.slice(-2);
  if (a.shape.length < 2 || b.shape.length < 2 || inner !== depth) {
    throw new CodedError(
      'shape',
      `MatMul: ${formatShape(a.shape)} and ${formatShape(b.shape)} do not multiply`,
    );
  }
  const outer = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2), 'MatMul');
  return singleOutput('MatMul', [a, b], { dataType: a.dataType, shape: [...outer, rows!, columns!] });
}

/** Which factors of `transposedMatMul` are transposed in their last two dimensions. */
export interface Transposed {
  readonly a?: boolean;
  readonly b?: boolean;
}

/** `matMul` of factors that are transposed as they are read, so that no transposed copy is made. */
export function transposedMatMul(a: Value, b: Value, transposed: Transposed): Value {
  const [rows, inner] = transposed.a ? a.shape.slice(-2).toReversed() : a.shape.slice(-2);
  const [depth, columns] = transposed.b ? b.shape.slice(-2).toReversed() : b.shape.slice(-2);
  if (a.shape.length < 2 || b.shape.length < 2 || inner !== depth) {
    throw new CodedError(
      'shape',
      `FusedMatMul: ${formatShape(a.shape)} and ${formatShape(b.shape)} do not multiply when so transposed`,
    );
  }
  const outer = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2), 'FusedMatMul');
  return singleOutput(
    'FusedMatMul',
    [a, b],
    { dataType: a.dataType, shape: [...outer, rows!, columns!] },
    { transA: { int: transposed.a ? 1 : 0 }, transB: { int: transposed.b ? 1 : 0 } },
    'com.microsoft',
  );
}

/**
 * Convolution of images `[images, channels, height, width]` with square kernels `[out, channels, k, k]` that
 * do not overlap: `[images, out, height / k, width / k]`.
 */
export function patchConvolution(images: Value, kernels: Value, bias: Value): Value {
  expectRank('Conv', images, 4);
  expectRank('Conv', kernels, 4);
  const [count, channels, height, width] = images.shape;
  const [outputs, kernelChannels, size] = kernels.shape;
  if (channels !== kernelChannels) {
    throw new CodedError(
      'shape',
      `Conv: images ${formatShape(images.shape)} and kernels ${formatShape(kernels.shape)} differ in channels`,
    );
  }
  const patches = (side: typeof height) => Math.floor(Number(side) / Number(size));
  return singleOutput(
    'Conv',
    [images, kernels, bias],
    { dataType: images.dataType, shape: [count!, outputs!, patches(height), patches(width)] },
    { strides: { ints: [Number(size), Number(size)] } },
  );
}
