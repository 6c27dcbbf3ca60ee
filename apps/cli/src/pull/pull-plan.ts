import { readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { TensorFilter } from '#libs/checkpoint';
import { CodedError } from '#libs/errors';
import type { FoundFiles, NamedFiles } from '#libs/model-package';

import type { Hub, HubFile } from './hub.js';
import { type DownloadPlan, download, wholeFile } from './piecewise-download.js';
import type { ModelInParts, PublishedModel, WholeModel } from './published-models.js';
import type { RemoteFile } from './remote-file.js';
import { planTensorSubset } from './tensor-subset.js';

/** One file to fetch. */
export interface PlannedDownload {
  readonly title: string;
  readonly remote: RemoteFile;
  readonly plan: DownloadPlan;
}

const shardIndex = z.object({ weight_map: z.record(z.string(), z.string()) });

/** Where a model lies in a folder of downloads. */
export function localPaths(model: PublishedModel, downloads: string): NamedFiles | FoundFiles {
  if (model.kind === 'whole') return { from: [repositoryFolder(downloads, model.repository)] };
  const { vision, hasQFormer, projection, llm } = model;
  const visionFolder = repositoryFolder(downloads, vision);
  return {
    vit: visionFolder,
    qFormer: hasQFormer ? visionFolder : undefined,
    projection: join(repositoryFolder(downloads, projection.repository), projection.file),
    llm: repositoryFolder(downloads, llm),
  };
}

/** Finds out which files, and which parts of them, a model needs. @throws CodedError `pull` */
export async function planPull(
  model: PublishedModel,
  hub: Hub,
  downloads: string,
): Promise<PlannedDownload[]> {
  const planner = new Planner(hub, downloads);
  return model.kind === 'whole' ? planner.whole(model) : planParts(planner, model);
}

async function planParts(
  planner: Planner,
  { vision, hasQFormer, projection, llm }: ModelInParts,
): Promise<PlannedDownload[]> {
  const isVision: TensorFilter = (name) =>
    name.startsWith('vision_model.') ||
    (hasQFormer && (name.startsWith('qformer.') || name === 'query_tokens'));
  return [
    await planner.file(projection.repository, projection.file),
    ...(await planner.weights(vision, isVision)),
    await planner.file(llm, 'config.json'),
    await planner.file(llm, 'tokenizer.model'),
    ...(await planner.weights(llm, everything)),
  ];
}

const everything: TensorFilter = () => true;

/** What describes the weights of a repository beside its `config.json`; some have not all of them. */
const DESCRIPTIONS = ['preprocessor_config.json', 'tokenizer_config.json'];

class Planner {
  private readonly listings = new Map<string, Promise<HubFile[]>>();

  constructor(
    private readonly hub: Hub,
    private readonly downloads: string,
  ) {}

  async file(repository: string, path: string): Promise<PlannedDownload> {
    const file = await this.find(repository, [path]);
    if (!file) throw new CodedError('pull', `${repository} on ${this.hub.endpoint} has no file ${path}.`);
    return this.wholeFile(file);
  }

  /** All weights of a repository, with what describes them. */
  async whole({ repository, vocabulary }: WholeModel): Promise<PlannedDownload[]> {
    const optional = await Promise.all(DESCRIPTIONS.map((path) => this.find(repository, [path])));
    return [
      ...(await Promise.all(['config.json', ...vocabulary].map((path) => this.file(repository, path)))),
      ...(await Promise.all(optional.flatMap((file) => (file ? this.wholeFile(file) : [])))),
      ...(await this.weights(repository, everything)),
    ];
  }

  /** The files that hold the wanted tensors: safetensors where there are, and of those only the wanted parts. */
  async weights(repository: string, wanted: TensorFilter): Promise<PlannedDownload[]> {
    const index = await this.find(repository, [
      'model.safetensors.index.json',
      'model.safetensors',
      'pytorch_model.bin.index.json',
      'pytorch_model.bin',
    ]);
    if (!index) throw new CodedError('pull', `${repository} on ${this.hub.endpoint} holds no weights.`);
    if (!index.path.endsWith('.index.json')) return [await this.weightFile(index, wanted)];

    const indexDownload = await this.wholeFile(index);
    const shards = await this.shardsOf(indexDownload, wanted);
    return [
      indexDownload,
      ...(await Promise.all(shards.map((shard) => this.shard(repository, shard, wanted)))),
    ];
  }

  private async shardsOf({ plan, remote }: PlannedDownload, wanted: TensorFilter): Promise<string[]> {
    await download(plan, remote, () => {});
    const { weight_map } = await readShardIndex(plan.path);
    return [...new Set(Object.entries(weight_map).flatMap(([name, shard]) => (wanted(name) ? shard : [])))];
  }

  private async shard(repository: string, shard: string, wanted: TensorFilter): Promise<PlannedDownload> {
    const file = await this.find(repository, [basename(shard)]);
    if (!file)
      throw new CodedError('pull', `${repository} on ${this.hub.endpoint} lacks its shard ${shard}.`);
    return this.weightFile(file, wanted);
  }

  private async weightFile(file: HubFile, wanted: TensorFilter): Promise<PlannedDownload> {
    if (!file.path.endsWith('.safetensors')) return this.wholeFile(file);
    const remote = await this.hub.locate(file);
    const plan = await planTensorSubset(this.localPath(file), file.path, remote, wanted);
    return { title: file.path, remote, plan };
  }

  private async wholeFile(file: HubFile): Promise<PlannedDownload> {
    const remote = await this.hub.locate(file);
    return { title: file.path, remote, plan: wholeFile(this.localPath(file), file.size, file.sha256) };
  }

  private localPath({ repository, path }: HubFile): string {
    return join(repositoryFolder(this.downloads, repository), path);
  }

  /** The first of these files that the repository has. */
  private async find(repository: string, paths: readonly string[]): Promise<HubFile | undefined> {
    const listing = this.listings.get(repository) ?? this.hub.list(repository);
    this.listings.set(repository, listing);
    const files = await listing;
    return paths.flatMap((path) => files.find((file) => file.path === path) ?? [])[0];
  }
}

async function readShardIndex(path: string): Promise<z.infer<typeof shardIndex>> {
  try {
    return shardIndex.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    await rm(path);
    throw new CodedError(
      'pull',
      `${path} is no list of shards, so the server sent something else in its place; it was removed. Run the same command again.`,
      { cause },
    );
  }
}

function repositoryFolder(downloads: string, repository: string): string {
  return join(downloads, repository.replaceAll('/', '--'));
}
