import { Option } from 'nest-commander';

import type { SamplingSettings } from '#libs/engine';

import { collect, parseNumber, parseWholeNumber } from '../console/arguments.js';
import { ModelCommand, type ModelOptions } from './model.command.js';

/** Options of the commands that generate one reply. */
export interface GenerationOptions extends ModelOptions, Partial<SamplingSettings> {
  readonly image?: readonly string[];
  readonly maxNewTokens?: number;
  readonly burst?: number;
}

export abstract class GenerationCommand extends ModelCommand {
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

  @Option({
    flags: '--burst <count>',
    description: 'tokens computed and sampled in one run of the network; 16 on cuda, single steps elsewhere',
  })
  burst(text: string): number {
    return parseWholeNumber('--burst', text);
  }

  @Option({ flags: '--max-new-tokens <count>', description: 'the longest reply' })
  maxNewTokens(text: string): number {
    return parseWholeNumber('--max-new-tokens', text);
  }
}
