import { Command, Help, Option } from 'nest-commander';

import { Curation, listImages, writeResult } from '#libs/curation';

import { ArgumentError, parseNumber, parseWholeNumber } from '../console/arguments.js';
import { remark } from '../console/output.js';
import type { CurateOptions } from '../curation/curate-options.js';
import { printReport } from '../curation/print-report.js';
import { describe, repair, review } from '../curation/steps.js';
import { ModelCommand } from './model.command.js';

@Command({
  name: 'curate',
  description: 'Make detailed image-text pairs for stage 2 from a folder of pictures',
})
export class CurateCommand extends ModelCommand {
  async run(_arguments: string[], options: CurateOptions): Promise<void> {
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

  @Option({ flags: '--images <folder>', description: 'the pictures', required: true })
  images(folder: string): string {
    return folder;
  }

  @Option({
    flags: '--out <folder>',
    description: 'where to put the pairs, and the journal that a later run goes on from',
    required: true,
  })
  out(folder: string): string {
    return folder;
  }

  @Option({ flags: '--seed <number>', description: 'makes the descriptions repeatable', defaultValue: 42 })
  seed(text: string): number {
    return parseWholeNumber('--seed', text);
  }

  @Option({
    flags: '--endpoint <url>',
    description: 'the OpenAI-compatible server that repairs; its key is taken from OPENAI_API_KEY',
    defaultValue: 'https://api.openai.com/v1',
  })
  endpoint(url: string): string {
    if (!URL.canParse(url)) throw new ArgumentError(`--endpoint takes a URL, not "${url}".`);
    return url.replace(/\/+$/, '');
  }

  @Option({ flags: '--repair-model <name>', description: 'the model there', required: true })
  repairModel(name: string): string {
    return name;
  }

  @Option({
    flags: '--repair-temperature <number>',
    description: 'how freely it writes; some models take 1 only',
    defaultValue: 0.7,
  })
  repairTemperature(text: string): number {
    return parseNumber('--repair-temperature', text);
  }

  @Option({
    flags: '--requests-per-minute <count>',
    description: 'how often it may be asked; see the limits of your account',
    defaultValue: 60,
  })
  requestsPerMinute(text: string): number {
    const count = parseNumber('--requests-per-minute', text);
    if (count <= 0) throw new ArgumentError(`--requests-per-minute takes a number above 0, not "${text}".`);
    return count;
  }

  @Option({ flags: '--prompt-price <dollars>', description: 'for a million tokens sent, to tell the cost' })
  promptPrice(text: string): number {
    return parseNumber('--prompt-price', text);
  }

  @Option({ flags: '--completion-price <dollars>', description: 'for a million tokens that come back' })
  completionPrice(text: string): number {
    return parseNumber('--completion-price', text);
  }

  @Option({ flags: '--yes', description: 'do not ask before anything is sent to the endpoint' })
  yes(): boolean {
    return true;
  }

  @Option({ flags: '--review', description: 'then open a page to keep, edit or reject each pair by hand' })
  review(): boolean {
    return true;
  }

  @Option({
    flags: '--port <number>',
    description: 'where the page listens; a free port by default',
    defaultValue: 0,
  })
  port(text: string): number {
    return parseWholeNumber('--port', text);
  }

  @Help('after')
  examples(): string {
    return `
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
         --endpoint http://localhost:11434/v1 --repair-model llama3.1 --requests-per-minute 600 --yes`;
  }
}
