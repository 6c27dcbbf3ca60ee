import { type ElementType, elementCount, float32Tensor, type Tensor } from '#libs/checkpoint';
import {
  bitsOf,
  type MatrixFormat,
  type PackageWeight,
  type StoredTensor,
  storedTensors,
} from '#libs/minigpt4';

import { elementTypeOf } from './element-types.js';

/** Standard deviation of positions, queries and kernels at the start of training (BERT; ViT). */
const VECTOR_DEVIATION = 0.02;

/**
 * By two random 4-bit integers, the same two with the lowest value, which stands for -8, made the middle one, 0: the
 * mean then is 0. A common bias of all weights would drown what the weights differ in.
 */
const unbiased = Uint8Array.from({ length: 256 }, (_, pair) => {
  const [low, high] = [pair & 15, pair >> 4];
  return (low || 8) | ((high || 8) << 4);
});

/** Draws weights as random as those at the start of training, so that activations stay in the range of a real model's. */
export class RandomTensors {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0 || 1;
  }

  /** The tensors that a package stores for a weight. */
  tensorsOf(weight: PackageWeight, format: MatrixFormat): Tensor[] {
    return storedTensors(weight, format).map((stored) => {
      const type = elementTypeOf(stored.dataType);
      return type === 'F32' ? this.float32(weight, stored, format) : this.integers(stored, type, format);
    });
  }

  private float32(weight: PackageWeight, { name, shape }: StoredTensor, format: MatrixFormat): Tensor {
    const values = new Float32Array(elementCount(shape));
    const [inputs = 1] = weight.shape;
    if (weight.role === 'matrix' && name !== weight.name && format.kind !== 'none') {
      values.fill(deviationOfUniform(2 ** bitsOf(format.kind)) ** -1 / Math.sqrt(inputs));
    } else if (weight.role === 'matrix') {
      this.fillUniform(values, 1 / Math.sqrt(inputs));
    } else if (weight.role === 'embedding') {
      this.fillUniform(values, 1); // no smaller than what the layers add, so that replies depend on their tokens
    } else if (shape.length > 1) {
      this.fillUniform(values, VECTOR_DEVIATION);
    } else if (!name.endsWith('.bias')) {
      values.fill(1);
    }
    return float32Tensor(name, shape, values);
  }

  private integers({ name, shape }: StoredTensor, type: ElementType, format: MatrixFormat): Tensor {
    const bytes = new Uint8Array(elementCount(shape));
    const words = new Uint32Array(bytes.buffer, 0, bytes.length >> 2);
    for (let index = 0; index < words.length; index++) words[index] = this.nextWord();
    for (let index = words.length * 4; index < bytes.length; index++) bytes[index] = this.nextWord();
    if (format.kind === 'int4') {
      for (let index = 0; index < bytes.length; index++) bytes[index] = unbiased[bytes[index]!]!;
    }
    return { name, type, shape, bytes };
  }

  private fillUniform(values: Float32Array, deviation: number): void {
    const factor = deviation / deviationOfUniform(2 ** 32);
    for (let index = 0; index < values.length; index++) values[index] = this.nextWord() * factor;
  }

  /** A signed word of 32 bits (Marsaglia, "Xorshift RNGs", 2003). */
  private nextWord(): number {
    let word = this.state;
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    this.state = word;
    return word;
  }
}

/** Standard deviation of equally likely integers, `count` neighbouring ones. */
function deviationOfUniform(count: number): number {
  return count / Math.sqrt(12);
}
