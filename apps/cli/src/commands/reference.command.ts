import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, CommandRunner, Help, Option } from 'nest-commander';

import { writeSafetensors } from '#libs/checkpoint';
import { familyNumbers } from '#libs/reference';
import { trainingNumbers } from '#libs/training';

import { printText } from '../console/output.js';

interface ReferenceOptions {
  readonly reference: string;
  readonly out: string;
}

@Command({
  name: 'reference',
  description: "Compute a reference model's numbers, to compare them with the original's",
})
export class ReferenceCommand extends CommandRunner {
  async run(_arguments: string[], { reference, out }: ReferenceOptions): Promise<void> {
    const workFolder = await mkdtemp(join(tmpdir(), 'minigpt4-reference-'));
    try {
      const numbers = await familyNumbers(reference, workFolder);
      if (numbers) {
        await writeSafetensors(out, numbers.tensors);
        await writeFile(descriptionPath(out), `${JSON.stringify(numbers.description, null, 1)}\n`);
      } else {
        await writeSafetensors(out, await trainingNumbers(reference, join(workFolder, 'model')));
      }
      printText(`${out}\n`);
    } finally {
      await rm(workFolder, { recursive: true });
    }
  }

  @Option({
    flags: '--reference <folder>',
    description: 'checkpoints in the published layouts, images, and expected.json with the cases',
    required: true,
  })
  reference(path: string): string {
    return path;
  }

  @Option({ flags: '--out <file>', description: 'where to write the numbers (safetensors)', required: true })
  out(path: string): string {
    return path;
  }

  @Help('after')
  explanation(): string {
    return `
Sizes, prompts and captions are the folder's own: they are read from the checkpoints and expected.json, whose expected
results are not looked at. Where it names a family, out come what its networks compute, by the names of its
expected.safetensors, and in a .json file beside them the likeliest tokens of each case. Where it does not, it is
MiniGPT-4's training, and out come:
  stage1.loss, stage1.grad_weight, stage1.grad_bias   and the same of stage2: the projection's gradients
  adamw10.weight, adamw10.bias                        the projection after ten steps of AdamW
  qformer_finetune.grad…                              the gradients of a Q-Former that learns too

Example:
  reference --reference test/fixtures/reference/tiny --out numbers.safetensors`;
  }
}

/** `F.json` beside `F.safetensors`. */
const descriptionPath = (out: string) => `${out.replace(/\.safetensors$/, '')}.json`;
