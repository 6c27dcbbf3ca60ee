import { cast, expand, Graph, integers, scalar, serialize } from '#libs/graph';
import { cacheHeadWidth, type DecoderConfig } from '#libs/minigpt4';
import { InferenceSession, type Tensor } from '#libs/onnx-runtime';

import type { NamedTensors } from '../decoder/run-into.js';
import type { Device, KeyValueType } from '../engine-options.js';

/** The keys and values of one slot by the names of their parts (`0.key`): `[1, keyValueHeads, capacity, headWidth]`. */
type DeviceRow = ReadonlyMap<string, Tensor>;

/**
 * The keys and values of all slots in the device's own memory, which they never leave. Each slot has tensors of its
 * own, because a part of a device's buffer cannot be given to a network run.
 */
export class DeviceKeyValueCache {
  /** Copies that were asked for and are made before the next run, when the slots may have other numbers. */
  private readonly pendingCopies: { readonly from: DeviceRow; readonly to: DeviceRow }[] = [];

  private constructor(
    private readonly slots: DeviceRow[],
    /** Positions in a row. */
    readonly capacity: number,
    private readonly copier: InferenceSession,
  ) {}

  static async allocate(
    device: Device,
    config: DecoderConfig,
    { rows, capacity, type }: { rows: number; capacity: number; type: KeyValueType },
  ): Promise<DeviceKeyValueCache> {
    const shape = [1, config.keyValueHeads, capacity, cacheHeadWidth(config)];
    const names = Array.from({ length: config.layers }, (_, layer) => [
      `${layer}.key`,
      `${layer}.value`,
    ]).flat();
    const zeros = await InferenceSession.create(zerosGraph(names, shape, type), {
      executionProviders: [device],
      preferredOutputLocation: 'gpu-buffer',
    });
    const slots: DeviceRow[] = [];
    while (slots.length < rows) slots.push(new Map(Object.entries(await zeros.run({}))));
    await zeros.release();
    const copier = await InferenceSession.create(copyGraph(names, shape, type), {
      executionProviders: [device],
    });
    return new DeviceKeyValueCache(slots, capacity, copier);
  }

  get rows(): number {
    return this.slots.length;
  }

  /** A row as the decoder's past, and the very same memory as its present. */
  async tensors(row: number): Promise<{ readonly past: NamedTensors; readonly present: NamedTensors }> {
    for (const { from, to } of this.pendingCopies.splice(0)) {
      await this.copier.run(renamed(from, 'from'), renamed(to, 'to'));
    }
    const slot = this.slots[row]!;
    return { past: renamed(slot, 'past_key_values'), present: renamed(slot, 'present') };
  }

  copyRow(from: number, to: number): void {
    this.pendingCopies.push({ from: this.slots[from]!, to: this.slots[to]! });
  }

  /** Nothing moves: the slots exchange their tensors. */
  swapRows(a: number, b: number): void {
    const slotOfA = this.slots[a]!;
    this.slots[a] = this.slots[b]!;
    this.slots[b] = slotOfA;
  }
}

const renamed = (row: DeviceRow, prefix: string): NamedTensors =>
  Object.fromEntries([...row].map(([name, tensor]) => [`${prefix}.${name}`, tensor]));

/** Makes the tensors on the device, so that not even their zeros have to be sent there. */
function zerosGraph(names: readonly string[], shape: readonly number[], type: KeyValueType): Uint8Array {
  const graph = new Graph();
  const size = integers(graph, shape);
  for (const name of names) graph.output(name, expand(cast(scalar(graph, 0), type), size, shape));
  return serialize(graph);
}

function copyGraph(names: readonly string[], shape: readonly number[], type: KeyValueType): Uint8Array {
  const graph = new Graph();
  for (const name of names) graph.output(`to.${name}`, graph.input(`from.${name}`, type, shape));
  return serialize(graph);
}
