import type {
  CheckpointRole,
  PackageFile,
  PackageWeight,
  SourceTensor,
  WeightSource,
} from './package-weight.js';

/** Describes the weights of layers that come from one checkpoint and go to one file. */
export class PublishedLayers {
  constructor(
    private readonly file: PackageFile,
    private readonly checkpoint: CheckpointRole,
  ) {}

  tensor(name: string, shape: readonly number[]): SourceTensor {
    return { checkpoint: this.checkpoint, name, shape };
  }

  weight(name: string, shape: readonly number[], source: WeightSource): PackageWeight {
    return { name, shape, role: 'other', file: this.file, source };
  }

  matrix(name: string, inputs: number, outputs: number, source: WeightSource): PackageWeight {
    return { name, shape: [inputs, outputs], role: 'matrix', file: this.file, source };
  }

  /** A tensor stored as it was published. */
  copy(name: string, shape: readonly number[], published: string): PackageWeight {
    return this.weight(name, shape, { kind: 'copy', tensor: this.tensor(published, shape) });
  }

  /** The matrix of a linear layer, published as `[out, in]`. */
  transposed(name: string, inputs: number, outputs: number, published: string): PackageWeight {
    return this.matrix(name, inputs, outputs, {
      kind: 'transpose',
      tensor: this.tensor(published, [outputs, inputs]),
    });
  }

  linear(name: string, inputs: number, outputs: number, published: string): PackageWeight[] {
    return [
      this.transposed(`${name}.weight`, inputs, outputs, `${published}.weight`),
      this.copy(`${name}.bias`, [outputs], `${published}.bias`),
    ];
  }

  layerNorm(name: string, width: number, published: string): PackageWeight[] {
    return ['weight', 'bias'].map((part) => this.copy(`${name}.${part}`, [width], `${published}.${part}`));
  }
}
