import type { CheckpointReader, MetadataValue } from './checkpoint-reader.js';
import { CheckpointError } from './errors.js';
import type { Tensor, TensorInfo } from './tensor.js';

/** Levels that PyTorch's tools wrap around a whole model: data parallelism, DeepSpeed and Lightning. */
const outerLevels = new Set(['module', '_forward_module']);

/** Levels that they also put between a model's own, under names that no model uses: torch.compile and FSDP. */
const innerLevels = new Set(['_orig_mod', '_fsdp_wrapped_module']);

/**
 * A checkpoint with its tensors under the names that the model itself gives them: without the levels `module`,
 * `_orig_mod` and `state_dict` that training tools put around or between them.
 */
class UnwrappedReader implements CheckpointReader {
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly notices: readonly string[];

  constructor(
    private readonly inner: CheckpointReader,
    private readonly storedNames: ReadonlyMap<string, string>,
    removed: readonly string[],
  ) {
    this.tensors = new Map(
      [...storedNames].map(([name, stored]) => [name, { ...inner.tensors.get(stored)!, name }]),
    );
    this.notices = [
      ...inner.notices,
      `${inner.path}: its tensors' names were read without ${removed.map((level) => `"${level}"`).join(' and ')}.`,
    ];
  }

  get path(): string {
    return this.inner.path;
  }

  get files(): readonly string[] {
    return this.inner.files;
  }

  get metadata(): ReadonlyMap<string, MetadataValue> {
    return this.inner.metadata;
  }

  async read(name: string): Promise<Tensor> {
    const stored = this.storedNames.get(name);
    if (stored === undefined)
      throw new CheckpointError('tensor-missing', this.path, `there is no tensor "${name}" in this file`);
    return { ...(await this.inner.read(stored)), name };
  }

  async close(): Promise<void> {
    await this.inner.close();
  }
}

/** Takes off the levels that training tools wrap around a model; the reader itself where there are none. */
export function unwrapNames(reader: CheckpointReader): CheckpointReader {
  const removed = new Set<string>();
  const storedNames = new Map<string, string>();
  for (const stored of reader.tensors.keys()) {
    const { name, levels } = unwrapName(stored);
    storedNames.set(name, stored);
    for (const level of levels) removed.add(level);
  }
  const isAmbiguous = storedNames.size !== reader.tensors.size;
  return removed.size === 0 || isAmbiguous ? reader : new UnwrappedReader(reader, storedNames, [...removed]);
}

/** Of `state_dict.model.module.proj._orig_mod.weight`, `model.proj.weight` is left: `model` is a checkpoint's own level. */
function unwrapName(stored: string): { name: string; levels: readonly string[] } {
  const parts = stored.split('.');
  const levels: string[] = [];
  const start = parts[0] === 'state_dict' ? 1 : 0;
  if (start > 0) levels.push('state_dict');
  const kept: string[] = [];
  for (const part of parts.slice(start, -1)) {
    const isOutermost = kept.length === 0 || (kept.length === 1 && kept[0] === 'model');
    if (innerLevels.has(part) || (isOutermost && outerLevels.has(part))) levels.push(part);
    else kept.push(part);
  }
  return { name: [...kept, parts.at(-1)!].join('.'), levels };
}
