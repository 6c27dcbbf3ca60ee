import { Option } from 'nest-commander';

import { DeviceCommand, type DeviceOptions } from './device.command.js';

/** Options that every command which runs a model package has. */
export interface ModelOptions extends DeviceOptions {
  readonly model: string;
  readonly json?: boolean;
}

export abstract class ModelCommand extends DeviceCommand {
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
}
