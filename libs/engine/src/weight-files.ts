import { fstatSync, openSync } from 'node:fs';
import { join } from 'node:path';

import { weightFiles } from '#libs/model-package';

import { EngineError } from './errors.js';

interface WeightFile {
  readonly path: string;
  readonly descriptor: number;
  readonly size: number;
}

/**
 * The weight files of a loaded package. The runtime maps them, and the system ends a process that reads a mapped page
 * beyond the end of its file (SIGBUS), before it can write a line.
 */
export class WeightFiles {
  /** Open, so that a file that is put in their place, which is not what is mapped, is not taken for them. */
  private readonly files: readonly WeightFile[];

  constructor(folder: string) {
    this.files = weightFiles.map((name) => {
      const path = join(folder, name);
      const descriptor = openSync(path, 'r');
      return { path, descriptor, size: fstatSync(descriptor).size };
    });
  }

  /**
   * Takes microseconds, so that it can be asked before every network run.
   * @throws EngineError when one is shorter than it was
   */
  requireWhole(): void {
    for (const { path, descriptor, size } of this.files) {
      const left = fstatSync(descriptor).size;
      if (left >= size) continue;
      throw new EngineError({
        code: 'failed',
        what:
          `${path} was cut to ${left} of its ${size} bytes while it was in use. Put it back and start again. ` +
          'To exchange a model, put the new files beside the old ones and rename them.',
      });
    }
  }
}
