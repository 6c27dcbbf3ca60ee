import { resolve } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';

import type { ModelPackage } from '#libs/model-package';

/** Compiles a graph whose frozen weights lie in the package's folder. */
export function openSession(graph: Uint8Array, { folder }: ModelPackage): Promise<InferenceSession> {
  return InferenceSession.create(graph, {
    extra: { session: { model_external_initializers_file_folder_path: resolve(folder) } },
  });
}
