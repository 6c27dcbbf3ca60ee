import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CodedError } from '#libs/errors';

import { digestOfFile } from '#libs/files';
import { DownloadJournal } from './download-journal.js';
import type { RemoteFile } from './remote-file.js';

const PIECE_BYTES = 16 * 2 ** 20;
const PARALLEL_PIECES = 4;

/** A range of a remote file and where it goes in the local one. */
export interface Range {
  readonly remoteOffset: number;
  readonly localOffset: number;
  readonly length: number;
}

/** A local file put together from ranges of a remote one. */
export interface DownloadPlan {
  readonly path: string;
  readonly size: number;
  /** Bytes at the start of the file that are known already. */
  readonly start?: Uint8Array;
  readonly ranges: readonly Range[];
  /** Of the local file, where it is known beforehand. */
  readonly sha256?: string;
}

export function wholeFile(path: string, size: number, sha256: string | undefined): DownloadPlan {
  return { path, size, sha256, ranges: [{ remoteOffset: 0, localOffset: 0, length: size }] };
}

/**
 * Downloads in pieces, several at a time. An interrupted download
 * goes on where it stopped. The file gets its name only when every piece is there, and is not fetched again.
 *
 * @param onBytes hears how many bytes came, those of an earlier attempt included.
 * @throws CodedError `pull`
 */
export async function download(
  plan: DownloadPlan,
  remote: RemoteFile,
  onBytes: (count: number) => void,
): Promise<void> {
  if (await isComplete(plan)) return onBytes(bytesOf(plan));
  const part = `${plan.path}.part`;
  await mkdir(dirname(plan.path), { recursive: true });
  const journal = await DownloadJournal.open(part, `${remote.etag} ${plan.size}`);
  const file = await open(part, journal.done.size > 0 ? 'r+' : 'w');
  try {
    if (plan.start) await file.write(plan.start, 0, plan.start.length, 0);
    const pieces = plan.ranges.flatMap(cut);
    for (const index of journal.done) onBytes(pieces[index]?.length ?? 0);
    const waiting = [...pieces.entries()].filter(([index]) => !journal.done.has(index));
    await inParallel(waiting, async ([index, piece]) => {
      await fetchPiece(file, piece, remote, plan.path);
      await journal.add(index);
      onBytes(piece.length);
    });
    await file.sync();
  } finally {
    await file.close();
  }
  if (plan.sha256 && (await digestOfFile(part)) !== plan.sha256) {
    await rm(part);
    await rm(journal.path);
    throw new CodedError(
      'pull',
      `${plan.path} does not have the checksum that the hub lists: it was damaged on the way, and removed. Run the same command again.`,
    );
  }
  await rename(part, plan.path);
  await rm(journal.path);
}

export function bytesOf({ ranges }: DownloadPlan): number {
  return ranges.reduce((sum, { length }) => sum + length, 0);
}

export async function isComplete({ path, size }: DownloadPlan): Promise<boolean> {
  return stat(path).then(
    (found) => found.size === size,
    () => false,
  );
}

function cut({ remoteOffset, localOffset, length }: Range): Range[] {
  return Array.from({ length: Math.ceil(length / PIECE_BYTES) }, (_, index) => {
    const start = index * PIECE_BYTES;
    return {
      remoteOffset: remoteOffset + start,
      localOffset: localOffset + start,
      length: Math.min(PIECE_BYTES, length - start),
    };
  });
}

/** Works on a few items at a time. After a failure no further item is begun. */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      await work(item);
    }
  };
  const workers = Array.from({ length: PARALLEL_PIECES }, () =>
    worker().catch((error: unknown) => {
      waiting.length = 0;
      throw error;
    }),
  );
  const failure = (await Promise.allSettled(workers)).find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
}

async function fetchPiece(file: FileHandle, piece: Range, remote: RemoteFile, path: string): Promise<void> {
  const bytes = await remote.read(piece.remoteOffset, piece.length);
  try {
    await file.write(bytes, 0, bytes.length, piece.localOffset);
  } catch (cause) {
    throw explainWriting(path, cause);
  }
}

function explainWriting(path: string, cause: unknown): unknown {
  const isDiskFull = cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC';
  if (!isDiskFull) return cause;
  return new CodedError(
    'pull',
    `There is no space left for ${path}. Make room and run the same command again.`,
    {
      cause,
    },
  );
}
