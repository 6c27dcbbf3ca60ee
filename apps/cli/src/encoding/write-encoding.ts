import { float32Tensor, SafetensorsWriter } from '#libs/checkpoint';

import type { NamedTensor } from './encode-image.js';

export async function writeEncoding(path: string, encoding: readonly NamedTensor[]): Promise<void> {
  const tensors = encoding.map(({ name, shape, values }) => float32Tensor(name, shape, values));
  const writer = await SafetensorsWriter.create(path, tensors);
  for (const tensor of tensors) await writer.write(tensor);
  await writer.finish();
}
