import type { DataType } from '#libs/graph';

/** The files of a model package. The projection is apart, so that a newly trained one drops in. */
export type PackageFile = 'vision.safetensors' | 'projection.safetensors' | 'decoder.safetensors';

/** The published checkpoints a package is made from. */
export type CheckpointRole = 'vit' | 'qFormer' | 'projection' | 'llm';

/** A tensor of a published checkpoint, by the name and shape it has there. */
export interface SourceTensor {
  readonly checkpoint: CheckpointRole;
  readonly name: string;
  readonly shape: readonly number[];
  /** What fine-tuning adds to it. */
  readonly adapter?: LowRankAdapter;
}

/** A change of a matrix `[out, in]` by `factor · up · down` (LoRA, Hu et al., 2021, section 4.1). */
export interface LowRankAdapter {
  /** `[rank, in]` */
  readonly down: SourceTensor;
  /** `[out, rank]` */
  readonly up: SourceTensor;
  /** Alpha divided by the rank. */
  readonly factor: number;
}

/** How a weight of a package is made from published tensors. */
export type WeightSource =
  | { readonly kind: 'copy'; readonly tensor: SourceTensor }
  /** `[out, in]`, as PyTorch stores a linear layer, to `[in, out]`, as ONNX MatMul reads it. */
  | { readonly kind: 'transpose'; readonly tensor: SourceTensor }
  /** Matrices `[out_i, in]` joined along `out`, then transposed to `[in, out_1 + out_2 + …]`. */
  | { readonly kind: 'concatenate-rows-then-transpose'; readonly tensors: readonly SourceTensor[] }
  /** Vectors joined end to end. */
  | { readonly kind: 'concatenate'; readonly tensors: readonly SourceTensor[] }
  /** EVA's attention has no key bias: `[query bias, zeros, value bias]` (MiniGPT-4, eva_vit.py). */
  | { readonly kind: 'query-and-value-bias'; readonly query: SourceTensor; readonly value: SourceTensor }
  | { readonly kind: 'constant'; readonly value: number };

/**
 * A weight of a model package. Linear weights are stored `[in, out]`, ready for MatMul; a quantised matrix is
 * stored as the two tensors of `storedTensors` instead.
 */
export interface PackageWeight {
  readonly name: string;
  readonly shape: readonly number[];
  /** A `matrix` may be quantised; an `embedding` table is looked up by row; all `other` weights stay float. */
  readonly role: 'matrix' | 'embedding' | 'other';
  readonly file: PackageFile;
  readonly source: WeightSource;
}

/**
 * How a network's matrices are stored: float32; int8 with one scale per output, for activations that are rounded to 8
 * bits too, row by row, and both turned so that rounding does little harm; or integers with one scale per block of
 * inputs, which are fewer bits to read, or for devices without the kernels of the former.
 */
export type MatrixFormat = { readonly kind: 'none' } | { readonly kind: 'int8' } | BlockFormat;

/** Symmetric integers with one scale per block of inputs. */
export interface BlockFormat {
  readonly kind: 'int8-weights' | 'int4';
  readonly blockSize: number;
}

/**
 * Of the encoder's matrices; `dynamic-int8`, with one scale for all activations of a product, is how packages were made
 * before there was `int8`.
 */
export type EncoderFormat =
  | { readonly kind: 'none' }
  | { readonly kind: 'int8' }
  | { readonly kind: 'dynamic-int8' };

export interface StoredTensor {
  readonly name: string;
  readonly dataType: DataType;
  readonly shape: readonly number[];
}

export const quantizedName = (weight: string) => `${weight}.quantized`;
export const rotatedName = (weight: string) => `${weight}.rotated`;
export const scalesName = (weight: string) => `${weight}.scales`;

/**
 * The tensors a package file holds for a weight.
 *
 * A matrix `X [in, out]` quantised in blocks becomes `X.quantized`, uint8 `[out, blocks, blockSize * bits / 8]`, and
 * `X.scales`, float32 `[out, blocks]`, with `blocks = ceil(in / blockSize)`: the layout of ONNX Runtime's
 * MatMulNBits without zero points, so a stored integer `q` means `(q - 2^(bits-1)) * scale`. Of the two
 * 4-bit integers in a byte the first is the low half. In the format `int8` it becomes `X.rotated`, int8 `[in, out]`,
 * whose columns are turned as `rotateRows` turns rows, and `X.scales`, float32 `[out]`; in `dynamic-int8` the same
 * unturned, as `X.quantized`.
 */
export function storedTensors(weight: PackageWeight, format: MatrixFormat | EncoderFormat): StoredTensor[] {
  if (format.kind === 'none' || weight.role !== 'matrix') {
    return [{ name: weight.name, dataType: 'float32', shape: weight.shape }];
  }
  const [inputs = 0, outputs = 0] = weight.shape;
  if (format.kind === 'int8' || format.kind === 'dynamic-int8') {
    const nameOf = format.kind === 'int8' ? rotatedName : quantizedName;
    return [
      { name: nameOf(weight.name), dataType: 'int8', shape: [inputs, outputs] },
      { name: scalesName(weight.name), dataType: 'float32', shape: [outputs] },
    ];
  }
  const blocks = Math.ceil(inputs / format.blockSize);
  const bytesPerBlock = (format.blockSize * bitsOf(format.kind)) / 8;
  return [
    { name: quantizedName(weight.name), dataType: 'uint8', shape: [outputs, blocks, bytesPerBlock] },
    { name: scalesName(weight.name), dataType: 'float32', shape: [outputs, blocks] },
  ];
}

export const bitsOf = (kind: 'int8' | BlockFormat['kind']): 4 | 8 => (kind === 'int4' ? 4 : 8);

/** The published tensors a weight is made from; none for a constant. */
export function sourceTensors({ source }: PackageWeight): readonly SourceTensor[] {
  return mainTensors(source).flatMap((tensor) =>
    tensor.adapter ? [tensor, tensor.adapter.down, tensor.adapter.up] : [tensor],
  );
}

function mainTensors(source: WeightSource): readonly SourceTensor[] {
  switch (source.kind) {
    case 'copy':
    case 'transpose':
      return [source.tensor];
    case 'concatenate-rows-then-transpose':
    case 'concatenate':
      return source.tensors;
    case 'query-and-value-bias':
      return [source.query, source.value];
    case 'constant':
      return [];
  }
}
