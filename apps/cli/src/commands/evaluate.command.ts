import { writeFile } from 'node:fs/promises';

import type { Command } from 'commander';

import { startEngine } from '#libs/engine';
import {
  type EvaluatedSet,
  evaluate,
  evaluationPage,
  type PictureSet,
  readPictureSets,
  scoresOf,
  scoreTable,
} from '#libs/evaluation';

import { toWholeNumber } from '../console/arguments.js';
import { printResult, printText, remark } from '../console/output.js';
import { Progress } from '../console/progress.js';
import { formatScoreTable } from '../console/score-table.js';
import { addModelOptions, type ModelOptions } from './model-options.js';

interface EvaluateOptions extends ModelOptions {
  readonly data: string;
  readonly page?: string;
  readonly limit?: number;
  readonly questionsOnly?: boolean;
}

export function define(command: Command): void {
  addModelOptions(command)
    .requiredOption('--data <folder>', 'pictures and questions: one set, or a folder of sets')
    .option('--page <file>', 'write a page (HTML) to look at what was said')
    .option('--limit <count>', 'take only so many pictures of each set', toWholeNumber('--limit'))
    .option('--questions-only', 'do not have the pictures described as well')
    .addHelpText(
      'after',
      `
Replies are greedy, so the same model gets the same scores. A set is a folder with its pictures and one of
  index.json          scenes, as in test/fixtures/emoji-scenes: the answer to the letter is right
  aokvqa_….json       AOK-VQA, pictures in val2017/ or images/: right is the choice that the reply names first
  …questions.json     GQA, pictures in images/: right is a reply that says the answer

Every picture is also described. A description fails when it is empty, repeats itself or is cut off. Where it is
known what a picture shows, objects that are named but not there are counted as invented (CHAIR).

Examples:
  evaluate --model models/nano --data test/fixtures/emoji-scenes/validation --page evaluation.html
  evaluate --model my-model --data gqa --limit 200 --questions-only --json`,
    )
    .action(run);
}

async function run(options: EvaluateOptions): Promise<void> {
  const { data, limit = Infinity, page, json } = options;
  const sets = (await readPictureSets(data)).map((set) => firstPictures(set, limit));
  const evaluated = await askModel(options, sets);
  if (page !== undefined) {
    await writeFile(page, await evaluationPage(options.model, evaluated));
    remark(`Every picture with its answers is in ${page}.`);
  }
  if (json) printResult(resultOf(options, evaluated));
  else printText(formatScoreTable(scoreTable(evaluated)));
}

function firstPictures({ name, pictures }: PictureSet, limit: number): PictureSet {
  return { name, pictures: pictures.slice(0, limit) };
}

async function askModel(options: EvaluateOptions, sets: readonly PictureSet[]): Promise<EvaluatedSet[]> {
  const { model: modelPath, device, threads, questionsOnly } = options;
  const engine = await startEngine({ modelPath, device, threads }, { onWarning: remark });
  const progress = new Progress();
  try {
    return await evaluate(engine, sets, {
      describe: !questionsOnly,
      onProgress: (done, total) => progress.update('asking', done, total),
    });
  } finally {
    progress.stop();
    await engine.close();
  }
}

function resultOf({ model, data }: EvaluateOptions, sets: readonly EvaluatedSet[]): unknown {
  return {
    model,
    data,
    ...scoresOf(sets.flatMap(({ pictures }) => pictures)),
    sets: Object.fromEntries(sets.map(({ name, pictures }) => [name, scoresOf(pictures)])),
  };
}
