import { join } from 'node:path';

import type { Command } from 'commander';

import { sizeOfFile } from '#libs/files';
import { tokensPerImage } from '#libs/minigpt4';
import { changedFiles, type ModelPackage, openModelPackage } from '#libs/model-package';

import { formatBytes } from '../console/format.js';
import { printResult, printText } from '../console/output.js';

interface InspectOptions {
  readonly json?: boolean;
}

interface FileSummary {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Whether the content is what model.json says. */
  readonly intact: boolean;
}

export function define(command: Command): void {
  command
    .argument('<folder>', 'a model package')
    .option('--json', 'print everything as JSON')
    .addHelpText(
      'after',
      `
Ends with exit code 1 when a file was changed since it was made.

Examples:
  inspect models/nano
  inspect models/nano --json`,
    )
    .action(run);
}

async function run(folder: string, { json }: InspectOptions): Promise<void> {
  const modelPackage = await openModelPackage(folder);
  const files = await summariseFiles(modelPackage);
  const { manifest } = modelPackage;
  if (json) printResult({ ...manifest, tokensPerImage: tokensPerImage(manifest.architecture), files });
  else printText(describe(modelPackage, files));
  if (files.some(({ intact }) => !intact)) process.exitCode = 1;
}

async function summariseFiles(modelPackage: ModelPackage): Promise<FileSummary[]> {
  const changed = await changedFiles(modelPackage);
  return Promise.all(
    Object.entries(modelPackage.manifest.digests).map(async ([file, sha256]) => ({
      file,
      bytes: await sizeOfFile(join(modelPackage.folder, file)),
      sha256,
      intact: !changed.includes(file),
    })),
  );
}

function describe({ manifest }: ModelPackage, files: readonly FileSummary[]): string {
  const { vision, qFormer, projection, decoder } = manifest.architecture;
  const format = manifest.quantization.decoder;
  const name = format.kind === 'none' ? 'float32' : format.kind;
  const storage = 'blockSize' in format ? `${name} in blocks of ${format.blockSize}` : name;
  const lines = [
    `${manifest.name}: ${manifest.description}`,
    '',
    `template    ${manifest.template}`,
    `vision      ${vision.imageSize}×${vision.imageSize} pixels, width ${vision.width}, ${vision.depth} blocks`,
    `Q-Former    ${qFormer ? `${qFormer.queries} queries, hidden ${qFormer.hidden}, ${qFormer.layers} layers` : 'none'}`,
    `projection  ${projection.widths.join(' → ')}, ${tokensPerImage(manifest.architecture)} tokens per image`,
    `decoder     hidden ${decoder.hidden}, ${decoder.layers} layers, vocabulary ${decoder.vocabulary}, context ${decoder.contextLength}, ${storage}`,
    '',
    ...files.map(
      ({ file, bytes, sha256, intact }) =>
        `${file.padEnd(24)} ${formatBytes(bytes).padStart(9)}  ${sha256.slice(0, 16)}…  ${intact ? 'intact' : 'CHANGED since it was made'}`,
    ),
    '',
    'made from',
    ...manifest.sources.map(
      ({ file, bytes, sha256 }) =>
        `${file.padEnd(24)} ${formatBytes(bytes).padStart(9)}  ${sha256.slice(0, 16)}…`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}
