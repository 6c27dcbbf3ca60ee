import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from '#libs/onnx-runtime';

import { Graph } from './graph.js';
import {
  add,
  concatenate,
  greater,
  loop,
  matMul,
  multiply,
  reduceSum,
  reshape,
  scalar,
  sliceBetween,
  split,
  transpose,
} from './operators/index.js';
import { serialize } from './serialize.js';

describe('shapes', () => {
  const graph = new Graph();
  const tokens = graph.input('tokens', 'float32', ['batch', 'tokens', 12]);
  const weight = graph.input('weight', 'float32', [12, 7]);

  it('are known before anything runs, open dimensions by their names', () => {
    expect(matMul(tokens, weight).shape).toEqual(['batch', 'tokens', 7]);
    expect(reshape(tokens, ['batch', 'tokens', 3, 4]).shape).toEqual(['batch', 'tokens', 3, 4]);
    expect(transpose(tokens, [0, 2, 1]).shape).toEqual(['batch', 12, 'tokens']);
    expect(add(tokens, graph.input('bias', 'float32', [12])).shape).toEqual(['batch', 'tokens', 12]);
    expect(split(tokens, 2, [4, 8]).map(({ shape }) => shape[2])).toEqual([4, 8]);
  });

  it('that do not fit are both named', () => {
    const narrow = graph.input('narrow', 'float32', [11, 7]);
    expect(() => matMul(tokens, narrow)).toThrow(expect.objectContaining({ code: 'shape' }));
    expect(() => matMul(tokens, narrow)).toThrow('[batch, tokens, 12] and [11, 7]');
    expect(() => add(weight, narrow)).toThrow('[12, 7] and [11, 7]');
    expect(() => concatenate([tokens, reshape(tokens, ['batch', 'tokens', 3, 4])], 0)).toThrow(
      expect.objectContaining({ code: 'shape' }),
    );
    expect(() => reshape(weight, [83])).toThrow('[12, 7] cannot become [83]');
    expect(() => reshape(tokens, ['rows', 'columns'])).toThrow(expect.objectContaining({ code: 'shape' }));
    expect(() => split(weight, 0, [5, 5])).toThrow('[5, 5]');
  });

  it('are not all: element types must fit too', () => {
    const counts = graph.input('counts', 'int64', [7]);
    expect(() => add(weight, counts)).toThrow('"weight" holds float32 but "counts" holds int64');
  });
});

describe('a graph', () => {
  it('refuses two values of one name', () => {
    const graph = new Graph();
    graph.input('x', 'float32', [1]);
    expect(() => graph.input('x', 'float32', [1])).toThrow(expect.objectContaining({ code: 'graph' }));
  });

  it('refuses values of another graph', () => {
    const x = new Graph().input('x', 'float32', [1]);
    const y = new Graph().input('y', 'float32', [1]);
    expect(() => add(x, y)).toThrow('another graph');
  });

  it('can give out one value under several names', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [1]);
    const sum = add(x, x);
    for (const [name, value] of Object.entries({ same: x, sum, again: sum })) graph.output(name, value);
    const session = await InferenceSession.create(serialize(graph));
    const results = await session.run({ x: new Tensor('float32', Float32Array.of(3), [1]) });
    expect(['same', 'sum', 'again'].map((name) => results[name]!.data[0])).toEqual([3, 6, 6]);
    await session.release();
  });

  it('runs, with its weights read from any place in a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'graph-'));
    const bytes = Buffer.alloc(7 + 16);
    [1, 2, 3, 4].forEach((value, index) => {
      bytes.writeFloatLE(value, 7 + 4 * index);
    });
    await writeFile(join(folder, 'weights.bin'), bytes);

    const graph = new Graph();
    const x = graph.input('x', 'float32', ['rows', 2]);
    const location = {
      file: 'weights.bin',
      offset: 7,
      length: 16,
      dataType: 'float32',
      shape: [2, 2],
    } as const;
    const weight = graph.weight('weight', location);
    expect(graph.weight('weight', location)).toBe(weight);
    graph.output('y', multiply(matMul(x, weight), scalar(graph, 10)));

    const session = await InferenceSession.create(serialize(graph), {
      extra: { session: { model_external_initializers_file_folder_path: folder } },
    });
    const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1, 0, 1, 1), [2, 2]) });
    expect([...(y!.data as Float32Array)]).toEqual([10, 20, 40, 60]);
    await session.release();
    await rm(folder, { recursive: true });
  });
});

describe('a loop', () => {
  /** Doubles `x` until its sum passes `bound` or `limit` times, and lists the sums; the weight is outside the body. */
  async function doubled(limit: number, bound: number) {
    const graph = new Graph();
    const x = graph.input('x', 'float32', ['n']);
    const outside = add(x, x);
    graph.output('outside', outside);
    const { state, results } = loop(
      'doubling',
      graph.input('limit', 'int64', []),
      [x],
      (body, _, [value]) => {
        const sum = reduceSum(multiply(value!, scalar(body, 2)), [0]);
        return {
          goOn: greater(scalar(body, bound), reshape(sum, [])),
          state: [concatenate([multiply(value!, scalar(body, 2)), sliceBetween(outside, 0, 0, 1)], 0, 'n')],
          results: [sum],
        };
      },
    );
    graph.output('x_after', state[0]!);
    graph.output('sums', results[0]!);
    const session = await InferenceSession.create(serialize(graph));
    const { x_after, sums } = await session.run({
      x: new Tensor('float32', Float32Array.of(1, 2), [2]),
      limit: new Tensor('int64', BigInt64Array.of(BigInt(limit)), []),
    });
    await session.release();
    return { x: [...(x_after!.data as Float32Array)], sums: [...(sums!.data as Float32Array)] };
  }

  it('carries a state whose size may change, sees the values around it and collects its results', async () => {
    expect(await doubled(2, 1_000)).toEqual({ x: [4, 8, 4, 2], sums: [6, 16] });
  });

  it('ends when its body says so', async () => {
    expect(await doubled(100, 16)).toEqual({ x: [4, 8, 4, 2], sums: [6, 16] });
  });
});
