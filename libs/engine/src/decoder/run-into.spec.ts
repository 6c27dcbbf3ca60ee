import { add, Graph, groupedQueryAttention, scalar, serialize, type Value } from '#libs/graph';
import { InferenceSession, Tensor } from '#libs/onnx-runtime';
import { detectOutputMode, type OutputMode, runInto } from './run-into.js';

const HEADS = 2;
const HEAD_WIDTH = 16;
const CAPACITY = 12;

/** One attention layer over a cache, on packed queries, keys and values. */
async function attentionSession(mode: OutputMode): Promise<InferenceSession> {
  const graph = new Graph();
  const cacheShape = ['batch', HEADS, 'capacity', HEAD_WIDTH];
  const packed = graph.input('packed', 'float32', ['batch', 'tokens', 3 * HEADS * HEAD_WIDTH]);
  const table = (name: string): Value => graph.input(name, 'float32', [CAPACITY, HEAD_WIDTH / 2]);
  const inputs = {
    packed,
    pastKey: graph.input('past_key', 'float32', cacheShape),
    pastValue: graph.input('past_value', 'float32', cacheShape),
    lastPositions: graph.input('seqlens_k', 'int32', ['batch']),
    totalLength: graph.input('total_sequence_length', 'int32', [1]),
    cosines: table('cosines'),
    sines: table('sines'),
    heads: HEADS,
    keyValueHeads: HEADS,
  };
  if (mode === 'in-place') graph.sequenceOutput('before_present', scalar(graph, 0));
  const { output, key, value } = groupedQueryAttention(inputs);
  graph.output('attended', add(output, scalar(graph, 0)));
  graph.output('present_key', key);
  graph.output('present_value', value);
  return InferenceSession.create(serialize(graph));
}

function sequenceOf(length: number, step: number): Float32Array {
  return Float32Array.from({ length }, (_, index) => Math.sin(index * step));
}

/** Feeds five tokens, then one, over one cache, and gives everything back. */
async function extendCache(mode: OutputMode) {
  const session = await attentionSession(mode);
  const width = 3 * HEADS * HEAD_WIDTH;
  const cacheShape = [1, HEADS, CAPACITY, HEAD_WIDTH];
  const key = new Tensor('float32', new Float32Array(HEADS * CAPACITY * HEAD_WIDTH), cacheShape);
  const value = new Tensor('float32', new Float32Array(HEADS * CAPACITY * HEAD_WIDTH), cacheShape);
  const table = (step: number) =>
    new Tensor('float32', sequenceOf((CAPACITY * HEAD_WIDTH) / 2, step), [CAPACITY, HEAD_WIDTH / 2]);
  let attended = new Float32Array();
  for (const [past, tokens] of [
    [0, 5],
    [5, 1],
  ] as const) {
    attended = new Float32Array(tokens * HEADS * HEAD_WIDTH);
    const feeds = {
      packed: new Tensor('float32', sequenceOf(tokens * width, 0.1 + past), [1, tokens, width]),
      past_key: key,
      past_value: value,
      seqlens_k: new Tensor('int32', Int32Array.of(past + tokens - 1), [1]),
      total_sequence_length: new Tensor('int32', Int32Array.of(past + tokens), [1]),
      cosines: table(0.3),
      sines: table(0.7),
    };
    await runInto(session, mode, feeds, {
      attended: new Tensor('float32', attended, [1, tokens, HEADS * HEAD_WIDTH]),
      present_key: key,
      present_value: value,
    });
  }
  await session.release();
  return { attended, key: key.data, value: value.data };
}

describe('onnxruntime-node', () => {
  it('fills given outputs, stops at a sequence before it copies them, and so can extend a cache in place', async () => {
    // When this fails after an upgrade, the engine still works, but copies its whole cache at every token.
    expect(await detectOutputMode()).toBe('in-place');
  });

  it('computes the same in place as with copies', async () => {
    const inPlace = await extendCache('in-place');
    expect(inPlace).toEqual(await extendCache('copied'));
    expect(inPlace.attended.some((element) => element !== 0)).toBe(true);
  });

  it('keeps other errors of a run', async () => {
    const session = await attentionSession('in-place');
    await expect(runInto(session, 'in-place', {}, {})).rejects.toThrow("input 'packed' is missing");
    await session.release();
  });
});
