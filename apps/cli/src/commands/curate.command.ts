import type { Command } from 'commander';
import { Curation, listImages, writeResult } from '#libs/curation';
import { CodedError } from '#libs/errors';

import { toNumber, toUrl, toWholeNumber } from '../console/arguments.js';
import { remark } from '../console/output.js';
import type { CurateOptions } from '../curation/curate-options.js';
import { printReport } from '../curation/print-report.js';
import { describe, repair, review } from '../curation/steps.js';
import { addModelOptions } from './model-options.js';

export function define(command: Command): void {
  addModelOptions(command)
    .requiredOption('--images <folder>', 'the pictures')
    .requiredOption('--out <folder>', 'where to put the pairs, and the journal that a later run goes on from')
    .option('--seed <number>', 'makes the descriptions repeatable', toWholeNumber('--seed'), 42)
    .option(
      '--endpoint <url>',
      'the OpenAI-compatible server that repairs; its key is taken from OPENAI_API_KEY',
      toUrl('--endpoint'),
      'https://api.openai.com/v1',
    )
    .requiredOption('--repair-model <name>', 'the model there')
    .option(
      '--repair-temperature <number>',
      'how freely it writes; some models take 1 only',
      toNumber('--repair-temperature'),
      0.7,
    )
    .option(
      '--requests-per-minute <count>',
      'how often it may be asked; see the limits of your account',
      (text: string) => {
        const count = toNumber('--requests-per-minute')(text);
        if (count <= 0)
          throw new CodedError('argument', `--requests-per-minute takes a number above 0, not "${text}".`);
        return count;
      },
      60,
    )
    .option(
      '--prompt-price <dollars>',
      'for a million tokens sent, to tell the cost',
      toNumber('--prompt-price'),
    )
    .option(
      '--completion-price <dollars>',
      'for a million tokens that come back',
      toNumber('--completion-price'),
    )
    .option('--yes', 'do not ask before anything is sent to the endpoint')
    .option('--review', 'then open a page to keep, edit or reject each pair by hand')
    .option('--port <number>', 'where the page listens; a free port by default', toWholeNumber('--port'), 0)
    .addHelpText(
      'after',
      `
As in the paper (section 3.2):
  1. the model of stage 1 describes each picture, and continues once where it said little
  2. another language model repairs the description
  3. rules take apologies away and drop what is still broken; the reasons are counted
  4. --review shows each pair in the browser: K keeps it, E edits it, R rejects it

The result is what stage 2 trains on: OUT/filter_cap.json and OUT/image/. OUT/journal.jsonl has every raw answer.
A run that was stopped goes on where it was when the same command is given again; nothing is paid twice.

Examples:
  OPENAI_API_KEY=… curate --model my-stage1 --images photos --out pairs \\
         --repair-model gpt-4o-mini --prompt-price 0.15 --completion-price 0.60 --review
  # A server of your own; any that speaks OpenAI's interface
  curate --model my-stage1 --images photos --out pairs \\
         --endpoint http://localhost:11434/v1 --repair-model llama3.1 --requests-per-minute 600 --yes`,
    )
    .action(run);
}

async function run(options: CurateOptions): Promise<void> {
  const images = await listImages(options.images);
  const curation = Curation.open(options.out, {
    images: options.images,
    model: options.model,
    seed: options.seed,
  });
  await describe(curation, images, options);
  await repair(curation, options);
  let report = await writeResult(curation);
  if (options.review) report = await review(curation, options.port);
  remark(`The pairs are in ${options.out}; train on them with "train stage2", layout cc_sbu_align.`);
  printReport(report, options);
}
