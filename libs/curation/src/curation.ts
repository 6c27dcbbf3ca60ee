import { isDeepStrictEqual } from 'node:util';
import { CodedError } from '#libs/errors';
import type { JsonLines } from '#libs/files';

import { type CurationRecord, type CurationSettings, openJournal, type Repairer } from './journal.js';
import { type DropReason, dropReasonOf, type Mending, mendAnswer } from './rules.js';

type RecordOf<Step extends CurationRecord['step']> = Extract<CurationRecord, { step: Step }>;

/** A picture and everything that was done with it. */
export interface Pair {
  readonly id: string;
  /** The picture's file in the folder that is curated. */
  readonly file: string;
  readonly described?: RecordOf<'described'>;
  readonly unreadable?: RecordOf<'unreadable'>;
  readonly repaired?: RecordOf<'repaired'>;
  readonly refused?: RecordOf<'refused'>;
  readonly reviewed?: RecordOf<'reviewed'>;
}

/** What became of a pair so far. */
export type Outcome =
  | { readonly kind: 'unfinished' }
  | { readonly kind: 'kept'; readonly caption: string; readonly mendings: readonly Mending[] }
  | {
      readonly kind: 'dropped';
      readonly reason: DropReason;
      readonly caption: string;
      readonly mendings: readonly Mending[];
    };

/** The state of a folder of curated pairs, kept in its journal. */
export class Curation {
  private readonly byId = new Map<string, Pair>();
  private readonly repairersSoFar: Repairer[] = [];

  private constructor(
    readonly folder: string,
    readonly settings: CurationSettings,
    private readonly journal: JsonLines<CurationRecord>,
  ) {
    for (const record of journal.records) this.apply(record);
  }

  /**
   * Begins a folder, or goes on with one.
   * @throws CodedError `curation` when it was begun with other settings
   */
  static open(folder: string, settings: CurationSettings): Curation {
    const journal = openJournal(folder);
    const begun = journal.records.find((record) => record.step === 'begun');
    if (begun) requireSame(folder, begun.settings, settings);
    else journal.append({ step: 'begun', settings });
    return new Curation(folder, settings, journal);
  }

  get pairs(): readonly Pair[] {
    return [...this.byId.values()];
  }

  /** Those that were asked, the last one last. */
  get repairers(): readonly Repairer[] {
    return this.repairersSoFar;
  }

  pair(id: string): Pair | undefined {
    return this.byId.get(id);
  }

  record(record: CurationRecord): void {
    this.journal.append(record);
    this.apply(record);
  }

  private apply(record: CurationRecord): void {
    switch (record.step) {
      case 'begun':
        return;
      case 'repairing':
        if (!isDeepStrictEqual(record.by, this.repairersSoFar.at(-1))) this.repairersSoFar.push(record.by);
        return;
      case 'described':
      case 'unreadable':
        this.byId.set(record.id, { id: record.id, file: record.file, [record.step]: record });
        return;
      case 'repaired':
      case 'refused':
      case 'reviewed': {
        const pair = this.byId.get(record.id);
        if (pair) this.byId.set(record.id, { ...pair, [record.step]: record });
      }
    }
  }
}

/** What became of a pair by the repair, the rules and the review, of which the last has the final word. */
export function outcomeOf(pair: Pair): Outcome {
  const { reviewed } = pair;
  const judged = judgeByRules(pair);
  if (!reviewed || judged.kind === 'unfinished') return judged;
  const { mendings } = judged;
  const { caption, decision } = reviewed;
  return decision === 'keep'
    ? { kind: 'kept', caption, mendings }
    : { kind: 'dropped', reason: 'rejected', caption, mendings };
}

export function judgeByRules({ described, unreadable, repaired, refused }: Pair): Outcome {
  if (unreadable) return { kind: 'dropped', reason: 'unreadable', caption: '', mendings: [] };
  if (!described || !(repaired || refused)) return { kind: 'unfinished' };
  if (!repaired) return { kind: 'dropped', reason: 'refused', caption: described.text, mendings: [] };
  const mended = mendAnswer(repaired.answer, described.text);
  const reason = dropReasonOf(mended.caption);
  return reason ? { kind: 'dropped', reason, ...mended } : { kind: 'kept', ...mended };
}

function requireSame(folder: string, begun: CurationSettings, now: CurationSettings): void {
  const changed = (['images', 'model', 'seed'] as const).find((name) => begun[name] !== now[name]);
  if (!changed) return;
  throw new CodedError(
    'curation',
    `${folder} was begun with ${changed} "${begun[changed]}", not "${now[changed]}". Run it as it was begun, or curate into another folder.`,
  );
}
