import { resolve } from 'node:path';
import type { ModelPackage } from '#libs/model-package';
import { InferenceSession } from '#libs/onnx-runtime';

/**
 * Compiles a graph whose frozen weights lie in the package's folder.
 * @param threads of the processor; 0 for as many as there are cores
 */
export function openSession(
  graph: Uint8Array,
  { folder }: ModelPackage,
  threads = 0,
): Promise<InferenceSession> {
  return InferenceSession.create(graph, {
    intraOpNumThreads: threads,
    extra: { session: { model_external_initializers_file_folder_path: resolve(folder) } },
  });
}
