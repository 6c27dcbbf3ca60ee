import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { inParallel } from '#libs/concurrency';
import { type Question, UnusablePictureError, type VisionModel } from '#libs/vision-model';

import type { Caption, CaptionRecord } from './caption-record.js';
import type { CaptionStore } from './caption-store.js';

export interface CaptionRun {
  readonly folder: string;
  /** The pictures' paths from the folder on. */
  readonly files: readonly string[];
  readonly model: VisionModel;
  readonly question: Question;
  readonly store: CaptionStore;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** How many pictures came out how. */
export interface CaptionReport {
  /** Had their text before the run. */
  readonly before: number;
  readonly captioned: number;
  /** Of those, were the same as another picture, and not asked about. */
  readonly repeated: number;
  readonly failed: readonly Extract<CaptionRecord, { error: string }>[];
}

/**
 * Asks the model about each picture that has no text yet, about the same picture only once. What cannot be used is recorded
 * with its error, and the run goes on; any other failure ends it, with what is done kept.
 * @throws what `VisionModel.ask` throws, but for UnusablePictureError; the signal's reason
 */
export async function captionPictures(run: CaptionRun): Promise<CaptionReport> {
  const { folder, files, model, question, store, signal, onProgress } = run;
  const waiting = files.filter((file) => !store.has(file));
  /** By digest, from when it is asked for: a picture whose twin is being asked about waits for that answer. */
  const captions = new Map<string, Promise<Caption>>();
  const failed: Extract<CaptionRecord, { error: string }>[] = [];
  let done = 0;
  let repeated = 0;

  const ask = async (picture: Uint8Array, digest: string): Promise<Caption> => {
    const { text, finishReason, notices } = await model.ask(picture, question, signal);
    if (text === '') throw new UnusablePictureError('The model said nothing about this picture.');
    const source = { model: model.name, prompt: question.text };
    return { digest, text, ...source, finish_reason: finishReason, notices: [...notices] };
  };

  const captionOf = async (file: string): Promise<Caption> => {
    const picture = await readPicture(join(folder, file), model.maxImageBytes);
    const digest = `sha256:${createHash('sha256').update(picture).digest('hex')}`;
    const known = store.ofDigest(digest) ?? captions.get(digest);
    if (known) {
      const caption = await known;
      repeated++;
      return caption;
    }
    const caption = ask(picture, digest);
    captions.set(digest, caption);
    return caption;
  };

  await inParallel(waiting, model.atOnce, async (file) => {
    signal?.throwIfAborted();
    try {
      const caption = await captionOf(file);
      await store.write({ file, ...caption });
    } catch (error) {
      if (!(error instanceof UnusablePictureError)) throw error;
      const failure = { file, error: error.message };
      failed.push(failure);
      await store.write(failure);
    }
    onProgress?.(++done, waiting.length);
  });
  return {
    before: files.length - waiting.length,
    captioned: waiting.length - failed.length,
    repeated,
    failed,
  };
}

/** @throws UnusablePictureError */
async function readPicture(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size <= maxBytes) return await readFile(path);
    throw new UnusablePictureError(`The file has ${size} bytes; at most ${maxBytes} are taken.`);
  } catch (cause) {
    if (cause instanceof UnusablePictureError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UnusablePictureError(`The file cannot be read: ${reason}.`, { cause });
  }
}
