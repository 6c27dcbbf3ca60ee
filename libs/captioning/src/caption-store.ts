import { existsSync } from 'node:fs';
import { join, parse } from 'node:path/posix';
import { isDeepStrictEqual } from 'node:util';
import { CodedError } from '#libs/errors';
import { JsonLines, replaceFile } from '#libs/files';

import { type Caption, type CaptionRecord, captionRecord } from './caption-record.js';

/** Where texts go, and what is there from an earlier run. */
export interface CaptionStore {
  /** Whether the picture has its text already. */
  has(file: string): boolean;
  /** The text of the same picture under another name. */
  ofDigest(digest: string): Caption | undefined;
  /** Kept, whatever happens next, once it resolves. */
  write(record: CaptionRecord): Promise<void>;
}

/**
 * Keeps texts and errors as JSON Lines. Of several lines for a picture the last one counts: one that could not be used is
 * tried again by the next run.
 * @throws CodedError `captioning` for a file with texts of another model or prompt, `json-lines`
 */
export function openCaptionLines(path: string, source: Pick<Caption, 'model' | 'prompt'>): CaptionStore {
  const lines = JsonLines.open(path, (value) => captionRecord.parse(value));
  const byFile = new Map(lines.records.map((record) => [record.file, record]));
  const captioned = lines.records.filter((record) => 'text' in record);
  for (const { model, prompt } of captioned) requireSame(path, { model, prompt }, source);
  const byDigest = new Map(captioned.map(({ file: _, ...caption }) => [caption.digest, caption]));
  return {
    has: (file) => 'text' in (byFile.get(file) ?? {}),
    ofDigest: (digest) => byDigest.get(digest),
    async write(record) {
      if (!isDeepStrictEqual(record, byFile.get(record.file))) lines.append(record);
    },
  };
}

function requireSame(path: string, there: object, now: Pick<Caption, 'model' | 'prompt'>): void {
  if (isDeepStrictEqual(there, { model: now.model, prompt: now.prompt })) return;
  throw new CodedError(
    'captioning',
    `${path} has texts of another model or prompt: ${JSON.stringify(there)}. Ask as it was asked then, or write to another file.`,
  );
}

/** A kind of file that stands beside each picture. */
export interface Sidecar {
  /** With its dot. */
  readonly ending: string;
  /** The file's content. */
  contentOf(text: string): string;
}

export const textFile: Sidecar = { ending: '.txt', contentOf: (text) => `${text}\n` };

/**
 * Keeps texts in a file beside each picture: cat.txt for cat.jpg, but cat.jpg.txt and cat.png.txt where both are there.
 * A file that is there already, whoever wrote it, is left as it is. Errors are not kept.
 * @param files all pictures of the folder
 */
export function captionsBeside(folder: string, files: readonly string[], sidecar: Sidecar): CaptionStore {
  const paths = sidecarPaths(files, sidecar.ending);
  const pathOf = (file: string) => join(folder, paths.get(file) ?? `${file}${sidecar.ending}`);
  return {
    has: (file) => existsSync(pathOf(file)),
    ofDigest: () => undefined,
    async write(record) {
      if ('text' in record) await replaceFile(pathOf(record.file), sidecar.contentOf(record.text));
    },
  };
}

/** Names that differ in capitals only are one on macOS and Windows. */
function sidecarPaths(files: readonly string[], ending: string): Map<string, string> {
  const withoutEnding = (file: string) => join(parse(file).dir, parse(file).name);
  const times = new Map<string, number>();
  for (const file of files) {
    const name = withoutEnding(file).toLowerCase();
    times.set(name, (times.get(name) ?? 0) + 1);
  }
  return new Map(
    files.map((file) => {
      const name = withoutEnding(file);
      return [file, `${times.get(name.toLowerCase()) === 1 ? name : file}${ending}`];
    }),
  );
}
