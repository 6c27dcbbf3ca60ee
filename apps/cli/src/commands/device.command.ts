import { availableParallelism } from 'node:os';

import { CommandRunner, Option } from 'nest-commander';

import { type Device, engineOptions } from '#libs/engine';

import { parseChoice, parseWholeNumber } from '../console/arguments.js';

const devices = engineOptions.shape.device.options;

/** Where a command runs its model. */
export interface DeviceOptions {
  readonly device: Device;
  readonly threads: number;
}

export abstract class DeviceCommand extends CommandRunner {
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
