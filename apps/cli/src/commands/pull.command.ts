import { rm } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { CodedError } from '#libs/errors';

import { toUrl } from '../console/arguments.js';
import { formatBytes } from '../console/format.js';
import { interruption } from '../console/interruption.js';
import { printText, remark } from '../console/output.js';
import { Progress } from '../console/progress.js';
import {
  blockSizeOption,
  type EncoderQuantizationKind,
  parseQuantization,
  type QuantizationKind,
  quantizeEncoderOption,
  quantizeOption,
} from '../console/quantization.js';
import { OFFICIAL_ENDPOINT } from '../pull/hub.js';
import { type PublishedModel, publishedModels } from '../pull/published-models.js';
import { convertDownloads, type PullOptions, pullModel } from '../pull/pull-model.js';

interface PullCommandOptions {
  readonly out: string;
  readonly endpoint: string;
  readonly quantize: QuantizationKind;
  readonly blockSize: number;
  readonly quantizeEncoder: EncoderQuantizationKind;
  readonly acceptLicense?: boolean;
  readonly downloads?: string;
  readonly from?: string;
}

export function define(command: Command): void {
  const models = publishedModels.map(({ name, title }) => `  ${name.padEnd(24)} ${title}`).join('\n');
  command
    .argument('<name>', publishedModels.map(({ name }) => name).join(', '))
    .requiredOption('--out <folder>', 'where to put the package; a new folder')
    .addOption(quantizeOption('int4'))
    .addOption(blockSizeOption())
    .addOption(quantizeEncoderOption())
    .option('--accept-license', 'agree to the terms of the weights, which are shown without it')
    .addOption(
      new Option('--endpoint <url>', 'the Hugging Face hub or a mirror of it')
        .env('HF_ENDPOINT')
        .default(OFFICIAL_ENDPOINT)
        .argParser(toUrl('--endpoint')),
    )
    .option(
      '--downloads <folder>',
      'where to put downloads and keep them; by default they go when the package is made',
    )
    .option('--from <folder>', 'use a folder of downloads from another machine, without a network')
    .addHelpText(
      'after',
      `
Models:
${models}

Only what is needed is fetched: of BLIP-2's 49 GB, the 4 GB of its vision encoder. A pull that broke off goes on where it
stopped when it is run again. Set HF_TOKEN for models that ask for a login.

Examples:
  pull minigpt4-vicuna-7b --out minigpt4-7b --accept-license
  pull minigpt4-vicuna-7b --out minigpt4-7b-small --block-size 128 --accept-license
  HF_TOKEN=hf_… pull minigpt4-llama2-7b --out minigpt4-llama2 --quantize int8 --accept-license`,
    )
    .action(run);
}

async function run(name: string, options: PullCommandOptions): Promise<void> {
  const model = findModel(name);
  requireLicence(model, options.acceptLicense);
  const progress = new Progress(formatBytes);
  const task = {
    model,
    out: options.out,
    quantization: parseQuantization(options),
    encoderQuantization: { kind: options.quantizeEncoder },
    onProgress: progress.update.bind(progress),
    onNotice: remark,
    signal: interruption('Interrupted. Run the same command again to go on where it stopped.'),
  };
  try {
    if (options.from === undefined) await pullThrough(task, options);
    else await convertDownloads({ ...task, downloads: options.from });
  } finally {
    progress.stop();
  }
  remark(`${model.title} is ready. Start it with: MODEL_PATH=${options.out} npm start`);
  printText(`${options.out}\n`);
}

/** Downloads go beside the package and away when it is complete, unless a place to keep them was named. */
async function pullThrough(
  task: Omit<PullOptions, 'endpoint' | 'downloads'>,
  { out, endpoint, downloads: kept }: PullCommandOptions,
): Promise<void> {
  const downloads = kept ?? `${out}.download`;
  await pullModel({ ...task, endpoint, accessToken: process.env.HF_TOKEN, downloads });
  if (kept === undefined) await rm(downloads, { recursive: true });
}

function findModel(name: string): PublishedModel {
  const model = publishedModels.find((candidate) => candidate.name === name);
  if (model) return model;
  const names = publishedModels.map((candidate) => candidate.name).join(', ');
  throw new CodedError('argument', `There is no published model "${name}". There are ${names}.`);
}

function requireLicence({ licence }: PublishedModel, accepted: boolean | undefined): void {
  if (!accepted)
    throw new CodedError(
      'argument',
      `${licence}\nIf you agree, run the command again with --accept-license.`,
    );
}
