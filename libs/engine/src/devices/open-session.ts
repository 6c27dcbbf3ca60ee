import { resolve } from 'node:path';

import { InferenceSession } from 'onnxruntime-node';

import type { EngineSettings } from '../engine-options.js';
import { EngineError } from '../errors.js';

/** Compiles a graph for the device. Its weights lie in the package's folder. */
export async function openSession(
  graph: Uint8Array,
  folder: string,
  { device, threads }: Pick<EngineSettings, 'device' | 'threads'>,
  options: InferenceSession.SessionOptions = {},
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(graph, {
      ...options,
      executionProviders: [device],
      intraOpNumThreads: threads,
      extra: { session: { model_external_initializers_file_folder_path: resolve(folder) } },
    });
  } catch (cause) {
    throw new EngineError('A network of the model could not be compiled.', { cause });
  }
}
