import { writeFile } from 'node:fs/promises';

import { Command, Help, Option } from 'nest-commander';

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

import { parseWholeNumber } from '../console/arguments.js';
import { printResult, printText, remark } from '../console/output.js';
import { Progress } from '../console/progress.js';
import { formatScoreTable } from '../console/score-table.js';
import { ModelCommand, type ModelOptions } from './model.command.js';

interface EvaluateOptions extends ModelOptions {
  readonly data: string;
  readonly page?: string;
  readonly limit?: number;
  readonly questionsOnly?: boolean;
}

@Command({
  name: 'evaluate',
  description: 'Ask a model about pictures whose answers are known, and count what is right',
})
export class EvaluateCommand extends ModelCommand {
  async run(_arguments: string[], options: EvaluateOptions): Promise<void> {
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

  @Option({
    flags: '--data <folder>',
    description: 'pictures and questions: one set, or a folder of sets',
    required: true,
  })
  data(folder: string): string {
    return folder;
  }

  @Option({ flags: '--page <file>', description: 'write a page (HTML) to look at what was said' })
  page(file: string): string {
    return file;
  }

  @Option({ flags: '--limit <count>', description: 'take only so many pictures of each set' })
  limit(text: string): number {
    return parseWholeNumber('--limit', text);
  }

  @Option({ flags: '--questions-only', description: 'do not have the pictures described as well' })
  questionsOnly(): boolean {
    return true;
  }

  @Help('after')
  examples(): string {
    return `
Replies are greedy, so the same model gets the same scores. A set is a folder with its pictures and one of
  index.json          scenes, as in test/fixtures/emoji-scenes: the answer to the letter is right
  aokvqa_….json       AOK-VQA, pictures in val2017/ or images/: right is the choice that the reply names first
  …questions.json     GQA, pictures in images/: right is a reply that says the answer

Every picture is also described. A description fails when it is empty, repeats itself or is cut off. Where it is
known what a picture shows, objects that are named but not there are counted as invented (CHAIR).

Examples:
  evaluate --model models/nano --data test/fixtures/emoji-scenes/validation --page evaluation.html
  evaluate --model my-model --data gqa --limit 200 --questions-only --json`;
  }
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
