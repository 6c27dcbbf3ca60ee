import { openCheckpoint, type TensorFilter } from '#libs/checkpoint';
import { CodedError } from '#libs/errors';
import type { CheckpointRole, TensorShapes } from '#libs/minigpt4';

import { PublishedCheckpoint, PublishedSources } from './published-sources.js';
import { CONFIG_FILE, readSettings } from './read-settings.js';

/** Where each part of a model lies: files, or folders in Hugging Face's layout. */
export interface NamedFiles {
  readonly vit: string;
  /** Absent for the family without Q-Former. */
  readonly qFormer?: string;
  readonly projection: string;
  /** The language model's folder: `config.json`, `tokenizer.model` and weights. */
  readonly llm: string;
}

const optionOf: Readonly<Record<CheckpointRole, string>> = {
  vit: '--vit',
  qFormer: '--qformer',
  projection: '--projection',
  llm: '--llm',
};

/** The level that MiniGPT-4's and LAVIS's files wrap around weights, beside optimizer state and settings. */
const WRAPPER = 'model.';

/** The tensors a sharded BLIP-2 folder is opened for; the shards of its own language model may be absent. */
const wantedFromFolder: Readonly<Partial<Record<CheckpointRole, TensorFilter>>> = {
  vit: (name) => name.startsWith('vision_model.'),
  qFormer: (name) => name.startsWith('qformer.') || name === 'query_tokens',
};

/** @throws CodedError `conversion` when a file is not what it is named as, CheckpointError */
export async function openNamedFiles(paths: NamedFiles): Promise<PublishedSources> {
  const llmSettings = await readSettings(paths.llm);
  if (llmSettings.config === undefined) {
    throw new CodedError(
      'conversion',
      `${paths.llm} holds no ${CONFIG_FILE} that can be read. --llm takes the folder of a Hugging Face LLaMA, with config.json, tokenizer.model and weights.`,
    );
  }
  const parts = new Map<CheckpointRole, PublishedCheckpoint>();
  try {
    for (const role of ['vit', 'qFormer', 'projection', 'llm'] as const) {
      const path = paths[role];
      if (path === undefined) continue;
      const reader = await openCheckpoint(path, { wanted: wantedFromFolder[role] });
      const settings = role === 'llm' ? llmSettings : { stored: reader.metadata };
      const part = new PublishedCheckpoint(
        reader,
        withoutWrapper(role, [...reader.tensors.keys()]),
        settings,
      );
      parts.set(role, part);
    }
    for (const [role, { shapes, reader }] of parts) checkKind(role, shapes, reader.path);
    return new PublishedSources(parts);
  } catch (error) {
    await Promise.all([...parts.values()].map(({ reader }) => reader.close()));
    throw error;
  }
}

/** A Hugging Face LLaMA's own names begin with "model." too. */
function withoutWrapper(role: CheckpointRole, names: readonly string[]): Map<string, string> {
  const prefix = role !== 'llm' && names.some((name) => name.startsWith(WRAPPER)) ? WRAPPER : '';
  const inside = names.filter((name) => name.startsWith(prefix));
  return new Map(inside.map((name) => [name.slice(prefix.length), name]));
}

/** What tells a kind of checkpoint, and what it is called when it turns up in another's place. */
const kinds: readonly { role: CheckpointRole; title: string; isIt: TensorFilter }[] = [
  {
    role: 'vit',
    title: 'a ViT checkpoint such as eva_vit_g.pth',
    isIt: (name) => name === 'patch_embed.proj.weight' || name.startsWith('vision_model.embeddings.'),
  },
  {
    role: 'qFormer',
    title: 'a Q-Former checkpoint such as blip2_pretrained_flant5xxl.pth',
    isIt: (name) => name === 'query_tokens',
  },
  {
    role: 'projection',
    title: 'a MiniGPT-4 projection such as pretrained_minigpt4.pth',
    isIt: (name) => name.startsWith('llama_proj.'),
  },
  { role: 'llm', title: 'a LLaMA language model', isIt: (name) => name === 'model.embed_tokens.weight' },
];

/** @throws CodedError `conversion` when another checkpoint was given for an option than it asks for. */
function checkKind(role: CheckpointRole, shapes: TensorShapes, path: string): void {
  const names = [...shapes.keys()];
  const found = kinds.filter(({ isIt }) => names.some(isIt));
  if (found.some((kind) => kind.role === role)) return;
  const asked = kinds.find((kind) => kind.role === role)!;
  const is = found[0]
    ? `this is ${found[0].title}; give it as ${optionOf[found[0].role]}`
    : 'nothing of that is in this one';
  throw new CodedError('conversion', `${path}: ${optionOf[role]} takes ${asked.title}, but ${is}.`);
}
