import { SafetensorsWriter, type Tensor } from '#libs/checkpoint';

export async function writeSafetensors(path: string, tensors: readonly Tensor[]): Promise<void> {
  const writer = await SafetensorsWriter.create(path, tensors);
  for (const tensor of tensors) await writer.write(tensor);
  await writer.finish();
}
