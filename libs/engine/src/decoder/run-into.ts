import { isNativeError } from 'node:util/types';
import { Graph, multiply, scalar, serialize } from '#libs/graph';
import { InferenceSession, Tensor } from '#libs/onnx-runtime';

/**
 * How a run's results reach the caller's tensors.
 *
 * onnxruntime-node 1.30 writes into the tensors it is given as outputs, and then copies each of them once more to
 * return it. For a KV cache that copy grows with the cache's capacity, at every token. It converts the outputs in the
 * order of the graph, though, and throws at the first that is no tensor; so a graph whose first output is a sequence
 * is computed, and nothing is copied. That is not documented: {@link detectOutputMode} checks at start-up that it
 * holds, and 'copied' works without it.
 */
export type OutputMode = 'in-place' | 'copied';

/** The tensors of a run by input or output name. */
export type NamedTensors = Readonly<Record<string, Tensor>>;

/** The name of the sequence that comes first among the outputs of graphs built for the mode 'in-place'. */
const SEQUENCE = 'before_present';

/** The beginning of the message that onnxruntime-node 1.30 throws at an output that is no tensor. */
const NOT_A_TENSOR = 'Non tensor type';

/**
 * Runs a session and leaves its results in the tensors given for them.
 * @param session of a graph with the output `before_present` first when the mode is 'in-place', else without it
 */
export async function runInto(
  session: InferenceSession,
  mode: OutputMode,
  feeds: NamedTensors,
  outputs: NamedTensors,
): Promise<void> {
  switch (mode) {
    case 'in-place':
      return stopBeforeCopy(session, feeds, outputs);
    case 'copied': {
      const results = await session.run(feeds, outputs);
      for (const [name, tensor] of Object.entries(outputs)) overwrite(tensor, results[name]!);
    }
  }
}

async function stopBeforeCopy(
  session: InferenceSession,
  feeds: NamedTensors,
  outputs: NamedTensors,
): Promise<void> {
  try {
    await session.run(feeds, { [SEQUENCE]: null, ...outputs });
  } catch (error) {
    if (isNativeError(error) && error.message.startsWith(NOT_A_TENSOR)) return;
    throw error;
  }
  throw new Error('onnxruntime-node returned a sequence, which it did not do when the engine started.');
}

function overwrite(target: Tensor, source: Tensor): void {
  const bytesOf = ({ data }: Tensor) => {
    if (!ArrayBuffer.isView(data)) throw new Error('A tensor of strings cannot be an output here.');
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  };
  bytesOf(target).set(bytesOf(source));
}

/** Finds out whether outputs can be had in place, with a graph of one multiplication. */
export async function detectOutputMode(): Promise<OutputMode> {
  const graph = new Graph();
  const input = graph.input('input', 'float32', [1]);
  graph.sequenceOutput(SEQUENCE, scalar(graph, 0));
  graph.output('doubled', multiply(input, scalar(graph, 2)));

  const doubled = new Float32Array(1);
  try {
    const session = await InferenceSession.create(serialize(graph));
    const feeds = { input: new Tensor('float32', Float32Array.of(21), [1]) };
    await stopBeforeCopy(session, feeds, { doubled: new Tensor('float32', doubled, [1]) });
    await session.release();
  } catch {
    return 'copied';
  }
  return doubled[0] === 42 ? 'in-place' : 'copied';
}
