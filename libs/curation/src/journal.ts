import { join } from 'node:path';
import { z } from 'zod';
import { JsonLines } from '#libs/files';

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

/** Opens the journal of a folder, which is made where it is not there. */
export function openJournal(folder: string): JsonLines<CurationRecord> {
  return JsonLines.open(join(folder, JOURNAL), (value) => curationRecord.parse(value));
}
