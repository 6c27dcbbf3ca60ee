import { type Command, Option } from 'commander';
import {
  type CaptionReport,
  type CaptionStore,
  captionPictures,
  captionsBeside,
  findPictures,
  openCaptionLines,
  textFile,
  xmpSidecar,
} from '#libs/captioning';
import { instructionFor, type VisionModel, type Wish } from '#libs/vision-model';

import { toWholeNumber } from '../console/arguments.js';
import { interruption } from '../console/interruption.js';
import { printText, remark } from '../console/output.js';
import { Progress } from '../console/progress.js';
import { addPlaceOptions, openModelAt, type PlaceOptions } from './model-options.js';

interface CaptionOptions extends PlaceOptions {
  readonly altText?: boolean;
  readonly prompt?: string;
  readonly maxNewTokens?: number;
  readonly out?: string;
  readonly beside?: boolean;
  readonly xmp?: boolean;
}

/** So many failures are told one by one. */
const TOLD_FAILURES = 10;

export function define(command: Command): void {
  addPlaceOptions(command)
    .argument('<folder>', 'the pictures, with those in the folders in it')
    .addOption(
      new Option('--alt-text', 'ask for alt text, instead of a description in detail').conflicts('prompt'),
    )
    .option('--prompt <text>', 'ask this of every picture instead')
    .option('--max-new-tokens <count>', 'the longest text', toWholeNumber('--max-new-tokens'))
    .addOption(
      new Option('--out <file>', 'add the results to this file as JSON Lines; stdout by default').conflicts([
        'beside',
        'xmp',
      ]),
    )
    .addOption(
      new Option('--beside', 'write each text into a file beside its picture: cat.txt for cat.jpg').conflicts(
        'xmp',
      ),
    )
    .option(
      '--xmp',
      'write an XMP sidecar beside each picture: dc:description, or Iptc4xmpCore:AltTextAccessibility with --alt-text',
    )
    .addHelpText(
      'after',
      `
Every picture is asked about on its own, the same picture only once, whatever its files are called. Answers are greedy,
so the same model writes the same texts. The model's slots are all kept busy; results come in the order they are done.

A line of the result is one picture:
  {"file":"pets/cat.jpg","digest":"sha256:…","text":"…","model":"nano","prompt":"…","finish_reason":"stop","notices":[]}
  {"file":"pets/broken.jpg","error":"The JPEG file is damaged or cut off: it could not be decoded."}
"length" as the finish_reason says that the text was cut off: raise --max-new-tokens.

A run that was stopped goes on when the same command is given again: what is in the file of --out, or beside the
pictures, is not asked about again. Files that are there already are never overwritten. A picture that failed is
tried again; of its lines the last one counts. The exit code is 1 when some picture has failed.

Examples:
  caption test/fixtures/emoji-scenes/validation/seen-drawings --out captions.jsonl
  caption photos --model packages/minigpt4-7b --alt-text --xmp
  caption photos --server 127.0.0.1:50051 --prompt "What is this?" --beside`,
    )
    .action(run);
}

async function run(folder: string, options: CaptionOptions): Promise<void> {
  const signal = interruption('Stopped. What is done is kept; give the same command again to go on.');
  const { files, leftOut } = await findPictures(folder);
  if (leftOut.size > 0)
    remark(`Left out, as they are no pictures that can be read: ${formatCounts(leftOut)}.`);
  const model = await openModelAt(options);
  const progress = new Progress();
  try {
    const wish = options.altText ? 'alt-text' : 'description';
    const text = options.prompt ?? instructionFor(wish, model.template);
    const report = await captionPictures({
      folder,
      files,
      model,
      question: { text, maxNewTokens: options.maxNewTokens },
      store: openStore(folder, files, options, { wish, text, model }),
      signal,
      onProgress: (done, total) => {
        // A bar would stand among the lines of a terminal that shows both.
        if (!printsResults(options) || !process.stdout.isTTY) progress.update('asking', done, total);
      },
    });
    progress.stop();
    tell(report);
  } finally {
    progress.stop();
    await model.close();
  }
}

const printsResults = ({ out, beside, xmp }: CaptionOptions) => out === undefined && !beside && !xmp;

function openStore(
  folder: string,
  files: readonly string[],
  { out, beside, xmp }: CaptionOptions,
  asked: { readonly wish: Wish; readonly text: string; readonly model: VisionModel },
): CaptionStore {
  if (beside) return captionsBeside(folder, files, textFile);
  if (xmp) return captionsBeside(folder, files, xmpSidecar(asked.wish));
  if (out !== undefined) return openCaptionLines(out, { model: asked.model.name, prompt: asked.text });
  return {
    has: () => false,
    ofDigest: () => undefined,
    write: async (record) => printText(`${JSON.stringify(record)}\n`),
  };
}

function tell({ before, captioned, repeated, failed }: CaptionReport): void {
  for (const { file, error } of failed.slice(0, TOLD_FAILURES)) remark(`${file}: ${error}`);
  if (failed.length > TOLD_FAILURES) remark(`… and ${failed.length - TOLD_FAILURES} more that failed.`);
  const same = repeated > 0 ? ` (${repeated} the same as another)` : '';
  remark(`${captioned} captioned${same}, ${before} done before, ${failed.length} failed.`);
  if (failed.length > 0) process.exitCode = 1;
}

function formatCounts(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
}
