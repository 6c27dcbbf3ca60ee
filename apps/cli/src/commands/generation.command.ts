import { availableParallelism } from 'node:os';

import { CommandRunner, Option } from 'nest-commander';

import type { Device, SamplingSettings } from '#libs/engine';

import { collect, parseChoice, parseNumber, parseWholeNumber } from '../console/arguments.js';

const devices = ['cpu', 'webgpu', 'cuda'] as const;

/** Options that every command which runs a model has. */
export interface GenerationOptions extends Partial<SamplingSettings> {
  readonly model: string;
  readonly image?: readonly string[];
  readonly maxNewTokens?: number;
  readonly json?: boolean;
  readonly device: Device;
  readonly threads: number;
}

export abstract class GenerationCommand extends CommandRunner {
  @Option({ flags: '--model <folder>', description: 'the model package', required: true })
  model(folder: string): string {
    return folder;
  }

  @Option({ flags: '--image <file...>', description: 'a picture; may be given several times' })
  image(file: string, earlier?: string[]): string[] {
    return collect(file, earlier);
  }

  @Option({ flags: '--temperature <number>', description: '0 always takes the likeliest token' })
  temperature(text: string): number {
    return parseNumber('--temperature', text);
  }

  @Option({
    flags: '--top-p <number>',
    description: 'sample from the likeliest tokens with this share together',
  })
  topP(text: string): number {
    return parseNumber('--top-p', text);
  }

  @Option({ flags: '--top-k <count>', description: 'sample from so many likeliest tokens; 0 from all' })
  topK(text: string): number {
    return parseWholeNumber('--top-k', text);
  }

  @Option({ flags: '--repetition-penalty <number>', description: 'above 1 makes repeating less likely' })
  repetitionPenalty(text: string): number {
    return parseNumber('--repetition-penalty', text);
  }

  @Option({ flags: '--seed <number>', description: 'makes sampling repeatable' })
  seed(text: string): number {
    return parseWholeNumber('--seed', text);
  }

  @Option({ flags: '--max-new-tokens <count>', description: 'the longest reply' })
  maxNewTokens(text: string): number {
    return parseWholeNumber('--max-new-tokens', text);
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
