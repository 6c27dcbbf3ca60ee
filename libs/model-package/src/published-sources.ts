import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import {
  type CheckpointReader,
  openCheckpoint,
  recogniseImpostor,
  type Tensor,
  type TensorFilter,
} from '#libs/checkpoint';
import type { CheckpointRole, PublishedCheckpoints, SourceTensor, TensorShapes } from '#libs/minigpt4';

import { ConversionError } from './errors.js';

/** Where the published checkpoints lie: files, or folders in Hugging Face's layout. */
export interface SourcePaths {
  readonly vit: string;
  /** Absent for the family without Q-Former. */
  readonly qFormer?: string;
  readonly projection: string;
  /** The language model's folder: `config.json`, `tokenizer.model` and weights. */
  readonly llm: string;
}

export const LLM_CONFIG_FILE = 'config.json';

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

/** One opened checkpoint, with its tensors under the names they have inside the wrapper. */
class PublishedCheckpoint {
  readonly shapes: TensorShapes;
  private readonly prefix: string;

  constructor(
    readonly reader: CheckpointReader,
    role: CheckpointRole,
  ) {
    const names = [...reader.tensors.keys()];
    // A Hugging Face LLaMA's own names begin with "model." too.
    this.prefix = role !== 'llm' && names.some((name) => name.startsWith(WRAPPER)) ? WRAPPER : '';
    const inside = [...reader.tensors].filter(([name]) => name.startsWith(this.prefix));
    this.shapes = new Map(inside.map(([name, { shape }]) => [name.slice(this.prefix.length), shape]));
  }

  read(name: string): Promise<Tensor> {
    return this.reader.read(this.prefix + name);
  }
}

/** The published checkpoints of one model, opened but not loaded. */
export class PublishedSources {
  private constructor(
    private readonly checkpoints: ReadonlyMap<CheckpointRole, PublishedCheckpoint>,
    readonly llmConfig: unknown,
  ) {}

  /** @throws ConversionError, CheckpointError */
  static async open(paths: SourcePaths): Promise<PublishedSources> {
    const llmConfig = await readLlmConfig(paths.llm);
    const checkpoints = new Map<CheckpointRole, PublishedCheckpoint>();
    try {
      for (const role of ['vit', 'qFormer', 'projection', 'llm'] as const) {
        const path = paths[role];
        if (path === undefined) continue;
        const reader = await openCheckpoint(path, { wanted: wantedFromFolder[role] });
        checkpoints.set(role, new PublishedCheckpoint(reader, role));
      }
      const sources = new PublishedSources(checkpoints, llmConfig);
      for (const [role, { shapes, reader }] of checkpoints) checkKind(role, shapes, reader.path);
      return sources;
    } catch (error) {
      await Promise.all([...checkpoints.values()].map(({ reader }) => reader.close()));
      throw error;
    }
  }

  get shapes(): PublishedCheckpoints {
    const shapesOf = (role: CheckpointRole) => this.checkpoints.get(role)?.shapes ?? new Map();
    return {
      vit: shapesOf('vit'),
      qFormer: this.checkpoints.get('qFormer')?.shapes ?? null,
      projection: shapesOf('projection'),
      llm: shapesOf('llm'),
      llmConfig: this.llmConfig,
    };
  }

  /** Every file behind the checkpoints, each once. */
  get files(): readonly string[] {
    return [...new Set([...this.checkpoints.values()].flatMap(({ reader }) => reader.files))];
  }

  /** What a person should know of how the checkpoints were read. */
  get notices(): readonly string[] {
    return [...this.checkpoints.values()].flatMap(({ reader }) => reader.notices);
  }

  read({ checkpoint: role, name }: SourceTensor): Promise<Tensor> {
    const checkpoint = this.checkpoints.get(role);
    if (!checkpoint) throw new ConversionError(`${optionOf[role]} is needed for the tensor ${name}.`);
    return checkpoint.read(name);
  }

  async close(): Promise<void> {
    await Promise.all([...this.checkpoints.values()].map(({ reader }) => reader.close()));
  }
}

async function readLlmConfig(folder: string): Promise<unknown> {
  const path = join(folder, LLM_CONFIG_FILE);
  const explain = (problem: string, cause: unknown) =>
    new ConversionError(
      `${path}: ${problem}. --llm takes the folder of a Hugging Face LLaMA, with config.json, tokenizer.model and weights.`,
      { cause },
    );
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw explain('there is no such file, or it may not be read', cause);
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw explain(
      recogniseImpostor(text) ?? 'this is not JSON, or only half of it; download it again',
      cause,
    );
  }
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

/** @throws ConversionError when another checkpoint was given for an option than it asks for. */
function checkKind(role: CheckpointRole, shapes: TensorShapes, path: string): void {
  const names = [...shapes.keys()];
  const found = kinds.filter(({ isIt }) => names.some(isIt));
  if (found.some((kind) => kind.role === role)) return;
  const asked = kinds.find((kind) => kind.role === role)!;
  const is = found[0]
    ? `this is ${found[0].title}; give it as ${optionOf[found[0].role]}`
    : 'nothing of that is in this one';
  throw new ConversionError(`${path}: ${optionOf[role]} takes ${asked.title}, but ${is}.`);
}
