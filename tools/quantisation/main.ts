import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startEngine } from '#libs/engine';
import { type EvaluatedSet, evaluate, type PictureSet, readPictureSets, scoresOf } from '#libs/evaluation';
import { convert, quantizePackage } from '#libs/model-package';

import { sources } from '../../test/reference/reference-folder.js';
import { formats } from './formats.js';
import { type ReferenceErrors, referenceErrors } from './reference-errors.js';

/** What a format costs and saves. */
interface Row extends ReferenceErrors {
  readonly name: string;
  readonly mebibytes: number;
  /** Right answers among all that are asked, by set. */
  readonly right: readonly { readonly set: string; readonly share: number }[];
  /** Replies of the nano model that are the same, to the letter, as in float32. */
  readonly same: number;
}

const nano = 'models/nano';
const validation = 'test/fixtures/emoji-scenes/validation';
const page = 'docs/quantisation.md';
const MARKS = ['<!-- table -->', '<!-- end of table -->'] as const;

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'minigpt4-quantisation-'));
  try {
    const sets = await readPictureSets(validation);
    const rows: Row[] = [];
    let exact: readonly string[] | undefined;
    for (const [index, { name, quantization }] of formats.entries()) {
      const reference = join(folder, `reference-${index}`);
      await convert({
        sources,
        out: reference,
        quantization: quantization.decoder,
        encoderQuantization: quantization.encoder,
      });
      const model = join(folder, `nano-${index}`);
      await quantizePackage({ model: nano, out: model, quantization });
      const evaluated = await askAbout(model, sets);
      const replies = repliesOf(evaluated);
      exact ??= replies;
      rows.push({
        name,
        mebibytes: await mebibytesOf(model),
        right: evaluated.map((set) => ({ set: set.name, share: shareRight(set) })),
        same: share(replies.filter((reply, at) => reply === exact?.[at]).length, replies.length),
        ...(await referenceErrors(reference)),
      });
      console.error(`${name}: done`);
    }
    await writeTable(tableOf(rows));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function askAbout(model: string, sets: readonly PictureSet[]): Promise<EvaluatedSet[]> {
  const engine = await startEngine({ modelPath: model, device: 'cpu' });
  try {
    return await evaluate(engine, sets, { describe: false });
  } finally {
    await engine.close();
  }
}

const answersOf = ({ pictures }: EvaluatedSet) => pictures.flatMap(({ answers }) => answers);

function repliesOf(sets: readonly EvaluatedSet[]): string[] {
  return sets.flatMap(answersOf).map(({ reply }) => reply);
}

function shareRight(set: EvaluatedSet): number {
  const kinds = Object.values(scoresOf(set.pictures).kinds);
  const total = (count: 'right' | 'asked') => kinds.reduce((sum, score) => sum + score[count], 0);
  return share(total('right'), total('asked'));
}

const share = (part: number, whole: number) => part / whole;

async function mebibytesOf(model: string): Promise<number> {
  const files = ['decoder.safetensors', 'vision.safetensors'].map((file) => stat(join(model, file)));
  return (await Promise.all(files)).reduce((sum, { size }) => sum + size, 0) / 2 ** 20;
}

function tableOf(rows: readonly Row[]): string {
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  const sets = rows[0]?.right.map(({ set }) => set) ?? [];
  const head = [
    'format',
    'nano, MiB',
    'logits, relative error',
    'image embeddings, relative error',
    ...sets.map((set) => `nano right: ${set}`),
    'nano replies alike',
  ];
  const body = rows.map((row) => [
    row.name,
    row.mebibytes.toFixed(1),
    row.logits.toPrecision(2),
    row.images.toPrecision(2),
    ...row.right.map((right) => percent(right.share)),
    percent(row.same),
  ]);
  return [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Puts the table between its marks on the page. */
async function writeTable(table: string): Promise<void> {
  const text = await readFile(page, 'utf8');
  const start = text.indexOf(MARKS[0]);
  const end = text.indexOf(MARKS[1]);
  if (start < 0 || end < start) throw new Error(`${page} has no ${MARKS.join(' and ')} to write between.`);
  await writeFile(page, `${text.slice(0, start)}${MARKS[0]}\n\n${table}\n\n${text.slice(end)}`);
}

await main();
