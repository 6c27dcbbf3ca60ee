import { CodedError } from '#libs/errors';
import type { CheckpointRole, PackageWeight } from './package-weight.js';
import { sourceTensors } from './package-weight.js';

/** Names and shapes of the tensors a checkpoint holds, without the `model` level some files wrap around them. */
export type TensorShapes = ReadonlyMap<string, readonly number[]>;

/** What lies beside a checkpoint's tensors: parsed JSON files of its folder, and settings stored in it. */
export interface PublishedSettings {
  /** `config.json` */
  readonly config?: unknown;
  /** `preprocessor_config.json` */
  readonly preprocessor?: unknown;
  /** `tokenizer_config.json` */
  readonly tokenizer?: unknown;
  /** By names joined with dots, such as `config.model.lora_alpha`. */
  readonly stored?: ReadonlyMap<string, unknown>;
}

export interface PublishedCheckpoints {
  readonly vit: TensorShapes;
  /** Null for a family without Q-Former. */
  readonly qFormer: TensorShapes | null;
  readonly projection: TensorShapes;
  readonly llm: TensorShapes;
  readonly settings: Readonly<Partial<Record<CheckpointRole, PublishedSettings>>>;
}

const checkpointTitles: Record<CheckpointRole, string> = {
  vit: 'ViT checkpoint',
  qFormer: 'Q-Former checkpoint',
  projection: 'projection checkpoint',
  llm: 'language model',
};

export const formatShape = (shape: readonly number[]) => `[${shape.join(', ')}]`;

/** @throws CodedError `checkpoint-mismatch` when the checkpoint has no such tensor, or one of another rank. */
export function shapeOf(
  shapes: TensorShapes,
  name: string,
  rank: number,
  checkpoint: CheckpointRole,
): readonly number[] {
  const shape = shapes.get(name);
  if (!shape) {
    throw new CodedError(
      'checkpoint-mismatch',
      `The ${checkpointTitles[checkpoint]} has no tensor "${name}". Is it the right file?`,
    );
  }
  if (shape.length !== rank) {
    throw new CodedError(
      'checkpoint-mismatch',
      `"${name}" of the ${checkpointTitles[checkpoint]} has the shape ${formatShape(shape)}; ${rank} dimensions were expected.`,
    );
  }
  return shape;
}

/**
 * Makes sure that every tensor the weights are made from is there and has the shape the architecture asks for.
 * @throws CodedError `checkpoint-mismatch` naming the tensor and both shapes.
 */
export function checkSourceTensors(
  weights: readonly PackageWeight[],
  checkpoints: PublishedCheckpoints,
): void {
  for (const { checkpoint, name, shape } of weights.flatMap(sourceTensors)) {
    const published = shapeOf(checkpoints[checkpoint] ?? new Map(), name, shape.length, checkpoint);
    if (published.some((size, dimension) => size !== shape[dimension])) {
      throw new CodedError(
        'checkpoint-mismatch',
        `"${name}" of the ${checkpointTitles[checkpoint]} has the shape ${formatShape(published)}, but ${formatShape(shape)} is needed to fit the other files.`,
      );
    }
  }
}

/** Layers named `prefix.0.…`, `prefix.1.…` and so on. */
export function countLayers(shapes: TensorShapes, prefix: string): number {
  const layers = [...shapes.keys()]
    .filter((name) => name.startsWith(`${prefix}.`))
    .map((name) => Number(name.slice(prefix.length + 1).split('.')[0]))
    .filter(Number.isInteger);
  return layers.length === 0 ? 0 : Math.max(...layers) + 1;
}
