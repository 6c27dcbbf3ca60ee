import { resolve } from 'node:path';
import { float32Tensor, type Tensor as StoredTensor } from '#libs/checkpoint';
import { encoderGraph } from '#libs/minigpt4';
import type { ModelPackage } from '#libs/model-package';
import { InferenceSession, Tensor } from '#libs/onnx-runtime';

/**
 * Runs the vision networks once and keeps what they show on the way: `pixel_values`, `qformer` (the visual
 * tokens before the projection) and `projected`.
 *
 * @param pixels float32 `[3, side, side]`
 */
export async function encodeImage(
  { folder, manifest, weights }: ModelPackage,
  pixels: Float32Array,
): Promise<StoredTensor[]> {
  const { architecture } = manifest;
  const side = architecture.vision.imageSize;
  const graph = encoderGraph(architecture, weights, { stages: ['qformer'] });
  const session = await InferenceSession.create(graph, {
    extra: { session: { model_external_initializers_file_folder_path: resolve(folder) } },
  });
  const shape = [1, 3, side, side];
  const outputs = await session.run({ pixel_values: new Tensor('float32', pixels, shape) });
  await session.release();
  return [
    float32Tensor('pixel_values', shape, pixels),
    ...['qformer', 'projected'].flatMap((name) => {
      const output = outputs[name];
      return output?.data instanceof Float32Array ? [float32Tensor(name, output.dims, output.data)] : [];
    }),
  ];
}
