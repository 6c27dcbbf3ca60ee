import { access, mkdir, statfs } from 'node:fs/promises';
import { CodedError } from '#libs/errors';

import { type ConversionOptions, convert, type Quantization, requireNewFolder } from '#libs/model-package';

import { formatBytes } from '../console/format.js';
import { Hub, OFFICIAL_ENDPOINT } from './hub.js';
import { bytesOf, download, isComplete } from './piecewise-download.js';
import type { PublishedModel } from './published-models.js';
import { localPaths, type PlannedDownload, planPull } from './pull-plan.js';

export interface PullOptions extends Omit<ConversionOptions, 'sources' | 'onProgress'> {
  readonly model: PublishedModel;
  readonly endpoint: string;
  readonly accessToken?: string;
  /** Where downloads are put and left. */
  readonly downloads: string;
  readonly onProgress: (stage: string, doneBytes: number, totalBytes: number) => void;
  readonly onNotice: (notice: string) => void;
}

/**
 * Fetches a published model and makes a package of it. An interrupted pull goes on where it stopped.
 * @throws CodedError `pull`, and what `convert` throws
 */
export async function pullModel(options: PullOptions): Promise<void> {
  const { model, endpoint, accessToken, downloads, out, signal } = options;
  await requireNewFolder(out);
  const planned = await planPull(model, new Hub(endpoint, accessToken, signal), downloads);
  checkProjection(planned, options);
  await checkSpace(planned, options);
  await downloadAll(planned, options);
  await convertDownloads(options);
}

/** Makes the package of what lies in the folder of downloads already, without a network. */
export async function convertDownloads(options: Omit<PullOptions, 'endpoint'>): Promise<void> {
  const { model, downloads, onProgress, description, name } = options;
  const sources = localPaths(model, downloads);
  await access('llm' in sources ? sources.llm : sources.from[0]!).catch((cause: unknown) => {
    throw new CodedError(
      'pull',
      `${downloads} holds no downloads of ${model.name}. Fill it on a machine with internet: pull ${model.name} --downloads FOLDER.`,
      { cause },
    );
  });
  await convert({
    ...options,
    name: name ?? model.name,
    description: description ?? `${model.title}. It looks at pictures and talks about them in English.`,
    sources,
    onProgress: ({ stage, doneBytes, totalBytes }) => onProgress(stage, doneBytes, totalBytes),
  });
}

/** On the hub itself the projection must be the published one; what a mirror serves is told. */
function checkProjection(
  planned: readonly PlannedDownload[],
  { model, endpoint, onNotice }: PullOptions,
): void {
  if (model.kind === 'whole' || model.projection.sha256 === undefined) return;
  const { projection } = model;
  const served = planned.find(({ title }) => title === projection.file)?.plan.sha256;
  if (served === projection.sha256) return;
  const problem = `${projection.file} on ${endpoint} is not the file that MiniGPT-4's authors published: its SHA-256 is ${served ?? 'not listed'} instead of ${projection.sha256}.`;
  if (endpoint === OFFICIAL_ENDPOINT) throw new CodedError('pull', problem);
  onNotice(problem);
}

/** Bytes of the package for each byte of the language model, which is published in 16 bits. */
const packageShare: Readonly<Record<Quantization['kind'], number>> = {
  none: 2,
  int8: 0.6,
  'int8-weights': 0.6,
  int4: 0.35,
};

async function checkSpace(
  planned: readonly PlannedDownload[],
  { model, downloads, quantization }: PullOptions,
): Promise<void> {
  const paths = localPaths(model, downloads);
  const sizeIn = (folder: string) =>
    planned
      .filter(({ plan }) => plan.path.startsWith(folder))
      .reduce((sum, { plan }) => sum + bytesOf(plan), 0);
  let missing = 0;
  for (const { plan } of planned) if (!(await isComplete(plan))) missing += bytesOf(plan);
  const made =
    'from' in paths
      ? sizeIn(paths.from[0]!) * packageShare[quantization.kind]
      : sizeIn(paths.vit) + sizeIn(paths.llm) * packageShare[quantization.kind];
  const needed = missing + made;
  await mkdir(downloads, { recursive: true });
  const { bavail, bsize } = await statfs(downloads);
  if (needed > bavail * bsize) {
    throw new CodedError(
      'pull',
      `${model.name} needs about ${formatBytes(needed)} of disk space at ${downloads}, but ${formatBytes(bavail * bsize)} are free. Make room, or name another disk with --out and --downloads.`,
    );
  }
}

async function downloadAll(planned: readonly PlannedDownload[], { onProgress }: PullOptions): Promise<void> {
  const totalBytes = planned.reduce((sum, { plan }) => sum + bytesOf(plan), 0);
  let doneBytes = 0;
  for (const { plan, remote } of planned) {
    await download(plan, remote, (count) => {
      doneBytes += count;
      onProgress('downloading', doneBytes, totalBytes);
    });
  }
}
