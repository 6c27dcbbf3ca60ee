import type { Tensor } from '#libs/onnx-runtime';

import { DeviceDecoder } from './device-decoder.js';

const hidden = 2;
const vocabulary = 3;

/** A decoder with three rows, whose session notes what it is fed and whose logits name the run. */
function decoder() {
  const runs: Record<string, readonly number[]>[] = [];
  const rowsRun: number[] = [];
  const moved: unknown[] = [];
  const session = {
    run: async (feeds: Record<string, Tensor>, results: Record<string, Tensor>) => {
      const numbers = Object.entries(feeds).flatMap(([name, tensor]) =>
        tensor.location === 'gpu-buffer'
          ? []
          : [[name, Array.from(tensor.data as Float32Array, Number)] as const],
      );
      runs.push(Object.fromEntries(numbers));
      (results.logits!.data as Float32Array).fill(runs.length);
    },
  };
  const embeddings = {
    hidden,
    ofPrompt: async (_prompt: unknown, start: number, end: number) =>
      new Float32Array((end - start) * hidden),
    ofTokens: async ([id]: number[]) => Float32Array.of(id!, id!),
  };
  const onDevice = { location: 'gpu-buffer' };
  const cache = {
    rows: 3,
    capacity: 16,
    tensors: async (row: number) => {
      rowsRun.push(row);
      return { past: { past: onDevice }, present: { present: onDevice } };
    },
    copyRow: (...rows: number[]) => moved.push(['copy', ...rows]),
    swapRows: (...rows: number[]) => moved.push(['swap', ...rows]),
  };
  const made = new DeviceDecoder(session as never, embeddings as never, cache as never, vocabulary);
  return { made, runs, rowsRun, moved };
}

describe('a decoder whose cache stays on the device', () => {
  it('reads a part of a prompt, and has logits at its end alone', async () => {
    const { made, runs, rowsRun } = decoder();
    const prompt = { tokens: { length: 5 } } as never;
    await expect(made.prefill(1, prompt, 0, 3)).resolves.toBeUndefined();
    await expect(made.prefill(1, prompt, 3, 5)).resolves.toEqual(Float32Array.of(2, 2, 2));
    expect(rowsRun).toEqual([1, 1]);
    expect(runs).toEqual([
      { inputs_embeds: Array(6).fill(0), seqlens_k: [2], total_sequence_length: [3], logits_after: [2] },
      { inputs_embeds: Array(4).fill(0), seqlens_k: [4], total_sequence_length: [5], logits_after: [1] },
    ]);
  });

  it('decodes the last rows in turn, each by its token and position', async () => {
    const { made, runs, rowsRun } = decoder();
    const logits = await made.decode([
      { tokenId: 7, position: 4 },
      { tokenId: 8, position: 9 },
    ] as never);
    expect(logits).toEqual([Float32Array.of(1, 1, 1), Float32Array.of(2, 2, 2)]);
    expect(rowsRun).toEqual([1, 2]);
    expect(runs).toEqual([
      { inputs_embeds: [7, 7], seqlens_k: [4], total_sequence_length: [5], logits_after: [0] },
      { inputs_embeds: [8, 8], seqlens_k: [9], total_sequence_length: [10], logits_after: [0] },
    ]);
  });

  it('counts what crosses: embeddings, lengths and logits, and nothing of the cache', async () => {
    const { made } = decoder();
    expect(made.transferredBytes).toBe(0);
    await made.decode([{ tokenId: 7, position: 4 }] as never);
    // 2 embeddings and 3 logits of 4 bytes, 2 lengths of 4 and one of 8.
    expect(made.transferredBytes).toBe(8 + 12 + 4 + 4 + 8);
    await made.decode([{ tokenId: 7, position: 5 }] as never);
    expect(made.transferredBytes).toBe(72);
  });

  it('has the rows of its cache, which it moves there', () => {
    const { made, moved } = decoder();
    expect([made.rows, made.capacity]).toEqual([3, 16]);
    made.copyRow(0, 2);
    made.swapRows(1, 2);
    expect(moved).toEqual([
      ['copy', 0, 2],
      ['swap', 1, 2],
    ]);
  });
});
