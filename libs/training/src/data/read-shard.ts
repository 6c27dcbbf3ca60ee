import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { type Entry, extract } from 'tar-stream';
import { z } from 'zod';

import type { SkippedSample } from './dataset.js';

/** One usable pair of a shard. */
export interface ShardSample {
  readonly key: string;
  readonly image: Uint8Array;
  readonly caption: string;
}

export type ShardMember =
  | ({ readonly kind: 'sample' } & ShardSample)
  | ({ readonly kind: 'skipped' } & SkippedSample);

/** A member beyond this is no picture for training, and would fill the memory. */
const LARGEST_MEMBER = 64 * 2 ** 20;

const imageExtensions: ReadonlySet<string> = new Set(['jpg', 'jpeg', 'png', 'webp']);

const sampleJson = z.object({ caption: z.string() });

/**
 * Streams the samples of a webdataset shard, a tar file in which members of one name belong together: `KEY.jpg`
 * and `KEY.json`, which holds `caption`. What is broken is given as skipped, with the reason; where the tar file
 * itself breaks off or is none, that is the last member.
 */
export async function* readShard(
  path: string,
  cleanCaption: (caption: string) => string,
): AsyncGenerator<ShardMember> {
  const shard = basename(path);
  let group: Group | undefined;
  try {
    for await (const entry of tarEntries(path)) {
      const { key, extension } = splitName(entry.header.name);
      if (entry.header.type !== 'file' || key === '') {
        entry.resume();
        continue;
      }
      if (group && group.key !== key) yield memberOf(group, shard, cleanCaption);
      if (group?.key !== key) group = { key };
      await addFile(group, extension, entry);
    }
  } catch (error) {
    // The member that was being read is lost with the rest of the file.
    yield { kind: 'skipped', key: shard, reason: sentenceFor(error) };
    return;
  }
  if (group) yield memberOf(group, shard, cleanCaption);
}

/** The files of one name. */
interface Group {
  readonly key: string;
  image?: Uint8Array;
  json?: Uint8Array;
  isTooLarge?: boolean;
}

async function* tarEntries(path: string): AsyncGenerator<Entry> {
  const tar = extract();
  // Its errors come out of the iteration below; leaving that ends the pipeline, too.
  const reading = pipeline(createReadStream(path), tar).catch(() => undefined);
  yield* tar;
  await reading;
}

/** As webdataset does it: a name goes up to the first dot, the rest is the extension. */
function splitName(path: string): { key: string; extension: string } {
  const dot = basename(path).indexOf('.');
  if (dot < 0) return { key: path, extension: '' };
  const keyLength = path.length - basename(path).length + dot;
  return { key: path.slice(0, keyLength), extension: path.slice(keyLength + 1).toLowerCase() };
}

async function addFile(group: Group, extension: string, entry: Entry): Promise<void> {
  const kind = imageExtensions.has(extension) ? 'image' : extension === 'json' ? 'json' : undefined;
  const isTooLarge = (entry.header.size ?? 0) > LARGEST_MEMBER;
  if (kind && isTooLarge) group.isTooLarge = true;
  if (kind && !isTooLarge) {
    group[kind] = await contentOf(entry);
  } else {
    entry.resume();
  }
}

async function contentOf(entry: Entry): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function memberOf(
  { key, image, json, isTooLarge }: Group,
  shard: string,
  cleanCaption: (caption: string) => string,
): ShardMember {
  const name = `${shard}: ${key}`;
  const skipped = (reason: string) => ({ kind: 'skipped' as const, key: name, reason });
  if (isTooLarge) return skipped(`One of its files is larger than ${LARGEST_MEMBER / 2 ** 20} MiB.`);
  if (!image) return skipped(`It has no image (${[...imageExtensions].join(', ')}).`);
  if (!json) return skipped('It has no .json file.');
  if (image.length === 0) return skipped('Its image is empty.');
  const text = captionIn(json);
  if (text === undefined) return skipped('Its .json file holds no "caption".');
  const caption = cleanCaption(text);
  if (caption === '') return skipped('Its caption is empty.');
  return { kind: 'sample', key: name, image, caption };
}

function captionIn(json: Uint8Array): string | undefined {
  try {
    return sampleJson.parse(JSON.parse(Buffer.from(json).toString('utf8'))).caption;
  } catch {
    return undefined;
  }
}

function sentenceFor(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  // The end may be missed by the archive's reader, or by that of the member in which it comes.
  if (message === 'Unexpected end of data' || message === 'Stream was destroyed') {
    return 'The file is cut off. The samples before that are used.';
  }
  return `The file cannot be read further as a tar file. The samples before that are used. (${message})`;
}
