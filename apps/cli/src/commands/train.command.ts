import type { Command } from 'commander';

import { readTrainingConfig, train } from '#libs/training';

import { toChoice, toWholeNumber } from '../console/arguments.js';
import { interruption } from '../console/interruption.js';
import { printText, remark } from '../console/output.js';
import { TrainingProgressBar } from '../training/training-progress-bar.js';

const stages = ['stage1', 'stage2'] as const;

interface TrainOptions {
  readonly config: string;
  readonly out: string;
  readonly resume?: boolean;
  readonly threads?: number;
}

export function define(command: Command): void {
  command
    .argument(
      '<stage>',
      'stage1 (images and captions) or stage2 (detailed descriptions in a chat)',
      toChoice('train', stages),
    )
    .requiredOption('--config <file>', 'the settings, in YAML; see configs/training')
    .requiredOption('--out <folder>', 'the run folder; a new one, unless a run is resumed')
    .option('--resume', 'go on where an interrupted run stood at its last checkpoint')
    .option('--threads <count>', "of the processor's; all by default", toWholeNumber('--threads'))
    .addHelpText(
      'after',
      `
The settings say what is trained on what, and how: a model package, image-text pairs (webdataset shards, or a folder as
cc_sbu_align), images per step, epochs, learning rate. configs/training has the paper's and those of small models, and
docs/training.md explains each. What does not fit into memory at once is computed in parts: imagesAtOnce, recompute.

The run folder holds the settings, what was trained from what (run.json), the losses (loss.csv, loss.svg), and in the
end projection.pth, in the original's layout, and model, a package to run.

Examples:
  train stage1 --config configs/training/nano/paper-stage1.yaml --out runs/nano/paper-stage1
  train stage2 --config configs/training/nano/paper-stage2.yaml --out runs/nano/paper-stage2
  # Go on after Ctrl-C, a crash or a full disk; the weights become the same as without
  train stage1 --config configs/training/nano/paper-stage1.yaml --out runs/nano/paper-stage1 --resume`,
    )
    .action(run);
}

async function run(
  stage: (typeof stages)[number],
  { config: path, out, resume = false, threads }: TrainOptions,
): Promise<void> {
  const config = await readTrainingConfig(stage, path);
  const bar = new TrainingProgressBar();
  const signal = interruption(
    `Interrupted. Go on with: train ${stage} --config ${path} --out ${out} --resume`,
  );
  try {
    const outcome = await train({
      config,
      out,
      resume,
      threads,
      signal,
      onStep: (report) => bar.update(report),
      onNotice: remark,
      onSkipped: ({ key, reason }) => remark(`${key} is left out: ${reason}`),
    });
    bar.stop();
    if (outcome === 'interrupted') signal.throwIfAborted();
    remark(`The trained model is ready. Try: ask --model ${out}/model --image picture.png "What is this?"`);
    printText(`${out}\n`);
  } finally {
    bar.stop();
  }
}
