import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';

import { writeSafetensors } from '#libs/checkpoint';
import { familyNumbers } from '#libs/reference';
import { trainingNumbers } from '#libs/training';

import { printText } from '../console/output.js';

interface ReferenceOptions {
  readonly reference: string;
  readonly out: string;
}

export function define(command: Command): void {
  command
    .requiredOption(
      '--reference <folder>',
      'checkpoints in the published layouts, images, and expected.json with the cases',
    )
    .requiredOption('--out <file>', 'where to write the numbers (safetensors)')
    .addHelpText(
      'after',
      `
Sizes, prompts and captions are the folder's own: they are read from the checkpoints and expected.json, whose expected
results are not looked at. Where it names a family, out come what its networks compute, by the names of its
expected.safetensors, and in a .json file beside them the likeliest tokens of each case. Where it does not, it is
MiniGPT-4's training, and out come:
  stage1.loss, stage1.grad_weight, stage1.grad_bias   and the same of stage2: the projection's gradients
  adamw10.weight, adamw10.bias                        the projection after ten steps of AdamW
  qformer_finetune.grad…                              the gradients of a Q-Former that learns too

Example:
  reference --reference test/fixtures/reference/tiny --out numbers.safetensors`,
    )
    .action(run);
}

async function run({ reference, out }: ReferenceOptions): Promise<void> {
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

/** `F.json` beside `F.safetensors`. */
const descriptionPath = (out: string) => `${out.replace(/\.safetensors$/, '')}.json`;
