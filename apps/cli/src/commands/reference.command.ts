import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, CommandRunner, Option } from 'nest-commander';

import { writeSafetensors } from '#libs/checkpoint';
import { trainingNumbers } from '#libs/training';

import { printText } from '../console/output.js';

interface ReferenceOptions {
  readonly reference: string;
  readonly out: string;
}

@Command({
  name: 'reference',
  description: "Compute a reference model's losses and gradients, to compare them with the original's",
})
export class ReferenceCommand extends CommandRunner {
  async run(_arguments: string[], { reference, out }: ReferenceOptions): Promise<void> {
    const workFolder = await mkdtemp(join(tmpdir(), 'minigpt4-reference-'));
    try {
      await writeSafetensors(out, await trainingNumbers(reference, join(workFolder, 'model')));
      printText(`${out}\n`);
    } finally {
      await rm(workFolder, { recursive: true });
    }
  }

  @Option({
    flags: '--reference <folder>',
    description: 'checkpoints in the published layouts, images, and expected.json with the training cases',
    required: true,
  })
  reference(path: string): string {
    return path;
  }

  @Option({ flags: '--out <file>', description: 'where to write the numbers (safetensors)', required: true })
  out(path: string): string {
    return path;
  }
}
