import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CodedError } from '#libs/errors';

const JOURNAL = 'journal.jsonl';

const curationSettings = z.strictObject({
  /** The folder of pictures. */
  images: z.string(),
  /** The model package that describes. */
  model: z.string(),
  seed: z.int(),
});
export type CurationSettings = z.infer<typeof curationSettings>;

/** Who repairs. All answers that follow in the journal are theirs. */
const repairer = z.strictObject({
  /** Where an OpenAI-compatible server listens: https://api.openai.com/v1, http://localhost:8080/v1, … */
  endpoint: z.string(),
  model: z.string(),
  temperature: z.number(),
});
export type Repairer = z.infer<typeof repairer>;

const id = z.string();

export const reviewDecision = z.enum(['keep', 'reject']);

/** What happened to a picture. Records are only ever added. */
const curationRecord = z.discriminatedUnion('step', [
  z.strictObject({ step: z.literal('begun'), settings: curationSettings }),
  z.strictObject({
    step: z.literal('described'),
    id,
    file: z.string(),
    text: z.string(),
    tokens: z.int(),
    isContinued: z.boolean(),
  }),
  z.strictObject({ step: z.literal('unreadable'), id, file: z.string(), reason: z.string() }),
  z.strictObject({ step: z.literal('repairing'), by: repairer }),
  /** The answer as it came. */
  z.strictObject({
    step: z.literal('repaired'),
    id,
    answer: z.string(),
    promptTokens: z.int(),
    completionTokens: z.int(),
  }),
  z.strictObject({ step: z.literal('refused'), id, reason: z.string() }),
  /** The last decision on a pair counts. */
  z.strictObject({ step: z.literal('reviewed'), id, decision: reviewDecision, caption: z.string() }),
]);
export type CurationRecord = z.infer<typeof curationRecord>;

/**
 * A file with a line for each thing that was done, so that nothing done is ever lost: a run that is killed and
 * started again reads it and goes on.
 */
export class Journal {
  private constructor(
    private readonly path: string,
    /** What was in the file when it was opened. */
    readonly records: readonly CurationRecord[],
  ) {}

  static open(folder: string): Journal {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, JOURNAL);
    if (!existsSync(path)) return new Journal(path, []);
    const bytes = readFileSync(path);
    const end = bytes.lastIndexOf('\n') + 1;
    // A kill in the middle of a line leaves a torn one, whose work is done again.
    if (end < bytes.length) truncateSync(path, end);
    const lines = bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
    return new Journal(
      path,
      lines.map((line, index) => parseLine(line, path, index + 1)),
    );
  }

  /** Written before it returns. */
  append(record: CurationRecord): void {
    appendFileSync(this.path, `${JSON.stringify(record)}\n`);
  }
}

function parseLine(line: string, path: string, number: number): CurationRecord {
  try {
    return curationRecord.parse(JSON.parse(line));
  } catch (cause) {
    throw new CodedError(
      'curation',
      `Line ${number} of ${path} is not a record of this journal. Take the line out, or curate into another folder.`,
      { cause },
    );
  }
}
