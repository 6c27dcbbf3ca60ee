import { resolve } from 'node:path';

import { InferenceSession } from '#libs/onnx-runtime';

import type { EngineSettings } from '../engine-options.js';
import { EngineError } from '../errors.js';

/**
 * Compiles a graph for the device. Its weights lie in the package's folder.
 *
 * Each session has threads of its own. They stop spinning when a run ends, or the threads of one network would slow
 * the next one down.
 * @param memory of intermediate results: `kept` for the next run, or `returned` after each. The encoder's pieces would
 *   hold it many times over, and are faster without. The decoder's attention takes up to 32 MiB of scores in each layer,
 *   and would spend most of its time on fresh pages.
 */
export async function openSession(
  graph: Uint8Array,
  folder: string,
  { device, threads }: Pick<EngineSettings, 'device' | 'threads'>,
  memory: 'kept' | 'returned' = 'returned',
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(graph, {
      executionProviders: [device],
      // For other devices ONNX Runtime warns of nodes that compute shapes, which it leaves on the processor on purpose,
      // and tells errors twice: in its log and by throwing them.
      logSeverityLevel: device === 'cpu' ? 2 : 4,
      intraOpNumThreads: threads,
      enableCpuMemArena: memory === 'kept',
      extra: {
        session: {
          force_spinning_stop: '1',
          model_external_initializers_file_folder_path: resolve(folder),
        },
      },
    });
  } catch (cause) {
    throw new EngineError(
      { code: 'failed', what: 'A network of the model could not be compiled.' },
      { cause },
    );
  }
}
