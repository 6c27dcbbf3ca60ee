import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type ShapeName, shapeNames, shapes } from '#libs/benchmark';
import { CodedError } from '#libs/errors';
import { type ArchitectureConfig, architectureConfig } from '#libs/minigpt4';
import { writeRandomPackage } from '#libs/model-package';

import { describeSpeed } from '../benchmark/describe-speed.js';
import { measureSpeed } from '../benchmark/measure-speed.js';
import { formatBytes } from '../console/format.js';
import { printResult, printText, remark } from '../console/output.js';
import { Progress } from '../console/progress.js';
import {
  blockSizeOption,
  type EncoderQuantizationKind,
  parseQuantization,
  type QuantizationKind,
  quantizeEncoderOption,
  quantizeOption,
} from '../console/quantization.js';
import { addDeviceOptions, type DeviceOptions } from './model-options.js';

interface BenchOptions extends DeviceOptions {
  readonly shape: string;
  readonly quantize: QuantizationKind;
  readonly blockSize: number;
  readonly quantizeEncoder: EncoderQuantizationKind;
  readonly out?: string;
  readonly json?: boolean;
}

export function define(command: Command): void {
  addDeviceOptions(command)
    .option(
      '--shape <name>',
      `${shapeNames.join(', ')}, or a JSON file with an architecture as in a package's model.json`,
      'tinyllama',
    )
    .addOption(quantizeOption('int4'))
    .addOption(quantizeEncoderOption())
    .addOption(blockSizeOption())
    .option('--out <folder>', 'keep the model package here; it goes away by default')
    .option('--json', 'print the measurements as JSON')
    .addHelpText(
      'after',
      `
Speed depends on a model's shape and not on what it has learned, so nothing has to be downloaded: the answers are
nonsense, the times are those of a real model. The shapes, and what they take as int4:
  nano       the embedded model                                          0.03 GB
  tinyllama  nano's encoder before a decoder of 1.1 billion weights       0.9 GB
  7b         nano's encoder before the decoder of Vicuna-7B               4.7 GB
  vit-g      MiniGPT-4's EVA ViT-g and Q-Former before nano's decoder     1.2 GB

Examples:
  bench
  bench --shape 7b --quantize int4 --block-size 128
  bench --shape vit-g --quantize-encoder int8 --json
  bench --shape my-architecture.json --out my-random-model`,
    )
    .action(run);
}

async function run(options: BenchOptions): Promise<void> {
  const architecture = await readShape(options.shape);
  const temporary = options.out === undefined ? await mkdtemp(join(tmpdir(), 'minigpt4-bench-')) : undefined;
  const folder = options.out ?? join(temporary!, 'model');
  try {
    await makePackage(architecture, options, folder);
    remark('Measuring, for about a minute at a billion weights …');
    const { device, threads } = options;
    const speed = await measureSpeed({ modelPath: folder, device, threads, slots: 1 });
    if (options.json) printResult(speed);
    else printText(describeSpeed(speed));
  } finally {
    if (temporary !== undefined) await rm(temporary, { recursive: true });
  }
}

async function readShape(name: string): Promise<ArchitectureConfig> {
  if (isShapeName(name)) return shapes[name];
  let text: string;
  try {
    text = await readFile(name, 'utf8');
  } catch (cause) {
    throw new CodedError(
      'argument',
      `--shape takes ${shapeNames.join(', ')} or a JSON file, and "${name}" is none of them.`,
      { cause },
    );
  }
  return architectureConfig.parse(JSON.parse(text));
}

function isShapeName(name: string): name is ShapeName {
  return shapeNames.some((known) => known === name);
}

async function makePackage(
  architecture: ArchitectureConfig,
  options: BenchOptions,
  out: string,
): Promise<void> {
  const progress = new Progress(formatBytes);
  try {
    await writeRandomPackage({
      architecture,
      quantization: parseQuantization(options),
      encoderQuantization: { kind: options.quantizeEncoder },
      out,
      onProgress: (doneBytes, totalBytes) => progress.update('drawing weights', doneBytes, totalBytes),
    });
  } finally {
    progress.stop();
  }
}
