import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { float32Tensor, openCheckpoint, type Tensor, toFloat32, writeSafetensors } from '#libs/checkpoint';

import { tinySources } from './tiny-reference.js';

/** LAVIS's files that a BLIP-2 begins with. */
interface VisionFiles {
  readonly vit: string;
  readonly qFormer?: string;
}

/**
 * Writes ViT and Q-Former, the reference's when left out, as Hugging Face publishes BLIP-2: other names, float32, 39 of
 * 40 blocks.
 */
export async function writeBlip2Folder(
  folder: string,
  others: readonly Tensor[] = [],
  files: VisionFiles = tinySources,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const tensors = await visionTensors(files, false);
  await writeSafetensors(join(folder, 'model.safetensors'), [...others, ...tensors]);
}

/** What LAVIS's files of a whole model are published as on the hub. */
export interface WholeModel extends VisionFiles {
  readonly modelType: 'blip-2' | 'instructblip';
  /** With `ln_vision`, the Q-Former and the projection. */
  readonly qFormer: string;
  /** The language model's folder. */
  readonly llm: string;
  /** Of ViT and Q-Former each. */
  readonly heads: number;
  /** Rows of the vocabulary, to which LAVIS's are filled up with large numbers that must never win. */
  readonly rows: number;
}

/** Writes LAVIS's files of a whole model as Hugging Face publishes it, with its language model and vocabulary. */
export async function writeWholeModel(folder: string, model: WholeModel): Promise<void> {
  await mkdir(folder, { recursive: true });
  const llm = [...(await readAll(model.llm))].map(([name, tensor]) => {
    const [rows = 0, width = 0] = tensor.shape;
    const isTable = /(embed_tokens|lm_head)\.weight$/.test(name);
    const values = new Float32Array((isTable ? model.rows : rows) * Math.max(width, 1)).fill(100);
    values.set(toFloat32(tensor));
    return float32Tensor(`language_model.${name}`, isTable ? [model.rows, width] : tensor.shape, values);
  });
  const tensors = [
    ...(await visionTensors(model, model.modelType === 'instructblip')),
    ...llm.filter(({ shape }) => shape.length > 0),
  ];
  await writeSafetensors(join(folder, 'model.safetensors'), tensors);
  for (const file of await readdir(model.llm)) {
    if (/^(tokenizer|special|vocab|merges)/.test(file))
      await copyFile(join(model.llm, file), join(folder, file));
  }
  const heads = { num_attention_heads: model.heads };
  const config = {
    model_type: model.modelType,
    vision_config: { ...heads, layer_norm_eps: 1e-6 },
    qformer_config: { ...heads, layer_norm_eps: 1e-12 },
    text_config: JSON.parse(await readFile(join(model.llm, 'config.json'), 'utf8')),
  };
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
}

async function visionTensors(paths: VisionFiles, readsText: boolean): Promise<Tensor[]> {
  const vit = await readAll(paths.vit);
  const qFormer = paths.qFormer === undefined ? new Map<string, Tensor>() : await readAll(paths.qFormer);
  const blocks = [...vit.keys()].filter((name) => name.endsWith('norm1.weight')).length;
  const tensors: Tensor[] = [];
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
    const renamed = qFormerName(name.replace('model.', ''), readsText);
    if (renamed && tensor.type !== 'I64') add(renamed, toFloat32(tensor), tensor.shape);
  }
  return tensors;
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

/** Undefined for what the conversion drops: the text side, where it is not used. */
function qFormerName(name: string, readsText: boolean): string | undefined {
  if (name.startsWith('ln_vision.')) return name.replace('ln_vision', 'vision_model.post_layernorm');
  if (name === 'query_tokens') return name;
  if (/^(opt|llm)_proj\./.test(name)) return name.replace(/^(opt|llm)_proj/, 'language_projection');
  if (name.startsWith('Qformer.bert.embeddings.LayerNorm.')) {
    const norm = readsText ? 'qformer.embeddings.layernorm' : 'qformer.layernorm';
    return name.replace('Qformer.bert.embeddings.LayerNorm', norm);
  }
  if (readsText && name.startsWith('Qformer.bert.embeddings.'))
    return name.replace('Qformer.bert', 'qformer');
  if (!name.startsWith('Qformer.bert.encoder.layer.')) return undefined;
  if (!readsText && /\.\d+\.(intermediate|output)\./.test(name)) return undefined;
  return name
    .replace('Qformer.bert.encoder', 'qformer.encoder')
    .replace('.attention.self.', '.attention.attention.')
    .replace('.crossattention.self.', '.crossattention.attention.');
}
