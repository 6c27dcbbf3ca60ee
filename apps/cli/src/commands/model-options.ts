import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { type Command, Option } from 'commander';

import { type Device, engineOptions, type SamplingSettings } from '#libs/engine';
import { repositoryRoot } from '#libs/start-up';
import { type ModelPlace, openModel, type VisionModel } from '#libs/vision-model';

import { toChoice, toNumber, toWholeNumber } from '../console/arguments.js';
import { remark } from '../console/output.js';

const devices = engineOptions.shape.device.options;

/** Where a command runs its model. */
export interface DeviceOptions {
  readonly device: Device;
  readonly threads: number;
}

export function addDeviceOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--device <device>', 'where to run')
        .choices(devices)
        .default('cpu' satisfies Device)
        .argParser(toChoice('--device', devices)),
    )
    .option('--threads <count>', 'CPU threads', toWholeNumber('--threads'), availableParallelism());
}

/** Options that every command which runs a model package has. */
export interface ModelOptions extends DeviceOptions {
  readonly model: string;
  readonly json?: boolean;
}

export function addModelOptions(command: Command): Command {
  command
    .requiredOption('--model <folder>', 'the model package')
    .option('--json', 'print the whole result as JSON at the end, instead of text as it comes');
  return addDeviceOptions(command);
}

/** Options of the commands that ask about pictures, of a model here or on a server. */
export interface PlaceOptions extends DeviceOptions {
  readonly model: string;
  readonly server?: string;
}

export function addPlaceOptions(command: Command): Command {
  command
    .addOption(
      new Option('--model <folder>', 'the model package').default(
        join(repositoryRoot, 'models/nano'),
        'models/nano',
      ),
    )
    .addOption(
      new Option(
        '--server <host:port>',
        "instead of loading a model, ask this model server (its gRPC address, such as npm start's 127.0.0.1:50051)",
      ).conflicts(['model', 'device', 'threads']),
    );
  return addDeviceOptions(command);
}

export function openModelAt({
  server,
  model: modelPath,
  device,
  threads,
}: PlaceOptions): Promise<VisionModel> {
  const place: ModelPlace =
    server === undefined
      ? { kind: 'package', options: { modelPath, device, threads } }
      : { kind: 'server', address: server };
  return openModel(place, remark);
}

/** Options of the commands that generate one reply. */
export interface GenerationOptions extends ModelOptions, Partial<SamplingSettings> {
  readonly image?: readonly string[];
  readonly maxNewTokens?: number;
  readonly burst?: number;
}

export function addGenerationOptions(command: Command): Command {
  return addModelOptions(command)
    .option('--image <file...>', 'a picture; may be given several times')
    .option('--temperature <number>', '0 always takes the likeliest token', toNumber('--temperature'))
    .option(
      '--top-p <number>',
      'sample from the likeliest tokens with this share together',
      toNumber('--top-p'),
    )
    .option('--top-k <count>', 'sample from so many likeliest tokens; 0 from all', toWholeNumber('--top-k'))
    .option(
      '--repetition-penalty <number>',
      'above 1 makes repeating less likely',
      toNumber('--repetition-penalty'),
    )
    .option('--seed <number>', 'makes sampling repeatable', toWholeNumber('--seed'))
    .option(
      '--burst <count>',
      'tokens computed and sampled in one run of the network; 16 on cuda, single steps elsewhere',
      toWholeNumber('--burst'),
    )
    .option('--max-new-tokens <count>', 'the longest reply', toWholeNumber('--max-new-tokens'));
}
