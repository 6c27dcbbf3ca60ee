import { availableParallelism } from 'node:os';

import { CommandRunner, Option } from 'nest-commander';

import type { Device } from '#libs/engine';

import { parseChoice, parseWholeNumber } from '../console/arguments.js';

const devices = ['cpu', 'webgpu', 'cuda'] as const;

/** Options that every command which runs a model has. */
export interface ModelOptions {
  readonly model: string;
  readonly json?: boolean;
  readonly device: Device;
  readonly threads: number;
}

export abstract class ModelCommand extends CommandRunner {
  @Option({ flags: '--model <folder>', description: 'the model package', required: true })
  model(folder: string): string {
    return folder;
  }

  @Option({
    flags: '--json',
    description: 'print the whole result as JSON at the end, instead of text as it comes',
  })
  json(): boolean {
    return true;
  }

  @Option({
    flags: '--device <device>',
    description: 'where to run',
    choices: [...devices],
    defaultValue: 'cpu',
  })
  device(text: string): Device {
    return parseChoice('--device', devices, text);
  }

  @Option({ flags: '--threads <count>', description: 'CPU threads', defaultValue: availableParallelism() })
  threads(text: string): number {
    return parseWholeNumber('--threads', text);
  }
}
