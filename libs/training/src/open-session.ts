import { resolve } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';

import type { ModelPackage } from '#libs/model-package';

/**
 * Compiles a graph whose frozen weights lie in the package's folder.
 * @param threads of the processor; as many as there are cores by default
 */
export function openSession(
  graph: Uint8Array,
  { folder }: ModelPackage,
  threads?: number,
): Promise<InferenceSession> {
  return InferenceSession.create(graph, {
    intraOpNumThreads: threads,
    extra: { session: { model_external_initializers_file_folder_path: resolve(folder) } },
  });
}
