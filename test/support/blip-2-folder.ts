import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { float32Tensor, openCheckpoint, type Tensor, toFloat32, writeSafetensors } from '#libs/checkpoint';

import { tinySources } from './tiny-reference.js';

/** Writes the reference's ViT and Q-Former as Hugging Face publishes BLIP-2: other names, float32, 39 of 40 blocks. */
export async function writeBlip2Folder(folder: string, others: readonly Tensor[] = []): Promise<void> {
  await mkdir(folder, { recursive: true });
  const vit = await readAll(tinySources.vit);
  const qFormer = await readAll(tinySources.qFormer);
  const blocks = [...vit.keys()].filter((name) => name.endsWith('norm1.weight')).length;
  const tensors: Tensor[] = [...others];
  const add = (name: string, values: Float32Array, shape: readonly number[]) =>
    tensors.push(float32Tensor(name, shape, values));

  for (const [name, tensor] of vit) {
    const block = /^blocks\.(\d+)\./.exec(name)?.[1];
    if (Number(block) === blocks - 1 || /[qv]_bias$/.test(name)) continue;
    add(vitName(name), toFloat32(tensor), tensor.shape);
  }
  for (let block = 0; block < blocks - 1; block++) {
    const query = toFloat32(vit.get(`blocks.${block}.attn.q_bias`)!);
    const value = toFloat32(vit.get(`blocks.${block}.attn.v_bias`)!);
    const bias = Float32Array.of(...query, ...new Float32Array(query.length), ...value);
    add(`vision_model.encoder.layers.${block}.self_attn.qkv.bias`, bias, [bias.length]);
  }
  for (const [name, tensor] of qFormer) {
    const renamed = qFormerName(name.replace('model.', ''));
    if (renamed && tensor.type !== 'I64') add(renamed, toFloat32(tensor), tensor.shape);
  }
  await writeSafetensors(join(folder, 'model.safetensors'), tensors);
}

async function readAll(path: string): Promise<Map<string, Tensor>> {
  const checkpoint = await openCheckpoint(path);
  const tensors = new Map<string, Tensor>();
  for (const name of checkpoint.tensors.keys()) tensors.set(name, await checkpoint.read(name));
  await checkpoint.close();
  return tensors;
}

/** As transformers' convert_blip_2_original_to_pytorch.py renames them. */
function vitName(name: string): string {
  return `vision_model.${name}`
    .replace('.cls_token', '.embeddings.class_embedding')
    .replace('.pos_embed', '.embeddings.position_embedding')
    .replace('.patch_embed.proj', '.embeddings.patch_embedding')
    .replace('.blocks.', '.encoder.layers.')
    .replace('.norm1.', '.layer_norm1.')
    .replace('.norm2.', '.layer_norm2.')
    .replace('.attn.proj.', '.self_attn.projection.')
    .replace('.attn.', '.self_attn.');
}

/** Undefined for what the conversion drops: the text side. */
function qFormerName(name: string): string | undefined {
  if (name.startsWith('ln_vision.')) return name.replace('ln_vision', 'vision_model.post_layernorm');
  if (name === 'query_tokens') return name;
  if (name.startsWith('Qformer.bert.embeddings.LayerNorm.')) {
    return name.replace('Qformer.bert.embeddings.LayerNorm', 'qformer.layernorm');
  }
  if (!name.startsWith('Qformer.bert.encoder.layer.') || /\.\d+\.(intermediate|output)\./.test(name))
    return undefined;
  return name
    .replace('Qformer.bert.encoder', 'qformer.encoder')
    .replace('.attention.self.', '.attention.attention.')
    .replace('.crossattention.self.', '.crossattention.attention.');
}
