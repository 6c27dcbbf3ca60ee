import type { MetadataValue } from './checkpoint-reader.js';
import { CheckpointError } from './errors.js';
import { type PickleValue, SkippedObject } from './pickle.js';
import { PickledTensor } from './torch-pickle.js';

/** Far above what a checkpoint holds; a pickle can refer to its own parts and so describe endless trees. */
const LARGEST_TREE = 1_000_000;
const DEEPEST_TREE = 64;

export interface FlatCheckpoint {
  readonly tensors: ReadonlyMap<string, PickledTensor>;
  readonly metadata: ReadonlyMap<string, MetadataValue>;
}

/** Lists what nested dictionaries and lists hold, by names joined with dots: `model.llama_proj.weight`. */
export function flatten(file: string, root: PickleValue): FlatCheckpoint {
  const tensors = new Map<string, PickledTensor>();
  const metadata = new Map<string, MetadataValue>();
  let visited = 0;

  const visit = (value: PickleValue, path: readonly string[]): void => {
    if (++visited > LARGEST_TREE || path.length > DEEPEST_TREE) {
      throw new CheckpointError('unsupported', file, 'its contents are nested without end');
    }
    if (value instanceof PickledTensor) {
      tensors.set(path.join('.'), value);
    } else if (value instanceof Map) {
      for (const [key, item] of value) visit(item, [...path, String(key)]);
    } else if (Array.isArray(value)) {
      value.forEach((item, index) => {
        visit(item, [...path, String(index)]);
      });
    } else if (value instanceof SkippedObject) {
      requireNoTensor(file, path.join('.'), value);
    } else if (value === null || typeof value !== 'object') {
      metadata.set(path.join('.'), value);
    }
  };
  visit(root, []);
  return { tensors, metadata };
}

/** @throws CheckpointError `unsupported` for a tensor that is stored in another way than as a window on memory. */
function requireNoTensor(file: string, name: string, { className }: SkippedObject): void {
  if (!/^torch\.(_utils\._rebuild|_tensor\.|.*Storage$)/.test(className)) return;
  throw new CheckpointError(
    'unsupported',
    file,
    `the tensor ${name} is stored as ${className}, which is not an ordinary tensor (a sparse or quantised one, say); ` +
      'make it one in PyTorch (.to_dense(), .dequantize(), .float()) and save it again',
  );
}
