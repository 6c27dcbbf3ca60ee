import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { Parser, type ReadEntry } from 'tar';
import { z } from 'zod';
import { hasCode } from '#libs/errors';

import { decodeText, parseForeignJson } from '#libs/files';

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

/** What a member of a sample is, by its extension. */
const partOf = (extension: string) =>
  imageExtensions.has(extension)
    ? 'image'
    : extension === 'json' || extension === 'txt'
      ? extension
      : undefined;

const sampleJson = z.object({ caption: z.string() });

/**
 * Streams the samples of a webdataset shard, a tar file in which members of one name follow one another: `KEY.jpg`, and
 * `KEY.json`, which holds `caption`, or `KEY.txt`, which is the caption. What is broken is given as skipped, with the
 * reason; where the tar file itself breaks off or is none, that is the last member.
 */
export async function* readShard(
  path: string,
  cleanCaption: (caption: string) => string,
): AsyncGenerator<ShardMember> {
  const shard = basename(path);
  let group: Group | undefined;
  try {
    for await (const { name, content } of readMembers(path)) {
      const { key, extension } = splitName(name);
      if (group && group.key !== key) yield memberOf(group, shard, cleanCaption);
      if (group?.key !== key) group = { key };
      const part = partOf(extension);
      if (part && content) group[part] = content;
      if (part && !content) group.isTooLarge = true;
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
  txt?: Uint8Array;
  isTooLarge?: boolean;
}

interface TarMember {
  readonly name: string;
  /** Undefined where it is beyond {@link LARGEST_MEMBER}. */
  readonly content: Uint8Array | undefined;
}

/** The files of a tar archive, chunk by chunk of the archive, so that no more of it is in memory than is asked for. */
async function* readMembers(path: string): AsyncGenerator<TarMember> {
  const members: TarMember[] = [];
  let failure: unknown;
  const parser = new Parser({
    // Damage ends the reading, where it would be a warning otherwise.
    strict: true,
    onReadEntry: (entry) => collect(entry, (member) => members.push(member)),
  });
  parser.on('error', (error) => {
    failure ??= error;
  });
  for await (const chunk of createReadStream(path)) {
    parser.write(chunk);
    yield* members.splice(0);
    if (failure) throw failure;
  }
  parser.end();
  yield* members.splice(0);
  if (failure) throw failure;
}

/** Hands over an entry once its content is complete. Hidden files, such as macOS adds (`._00000.jpg`), do not count. */
function collect(entry: ReadEntry, give: (member: TarMember) => void): void {
  if (entry.type !== 'File' || basename(entry.path).startsWith('.')) {
    entry.resume();
    return;
  }
  const isTooLarge = entry.size > LARGEST_MEMBER;
  const chunks: Buffer[] = [];
  entry.on('data', (chunk) => {
    if (!isTooLarge) chunks.push(chunk);
  });
  entry.on('end', () => give({ name: entry.path, content: isTooLarge ? undefined : Buffer.concat(chunks) }));
}

/**
 * As webdataset does it, a name goes up to the first dot, and the rest is the extension. Where that is none
 * (`photo 2.0 0000.png`), it goes up to the last dot.
 */
function splitName(path: string): { key: string; extension: string } {
  const file = basename(path);
  const folder = path.slice(0, path.length - file.length);
  const split = (dot: number) => ({
    key: folder + file.slice(0, dot),
    extension: file.slice(dot + 1).toLowerCase(),
  });
  if (!file.includes('.')) return { key: path, extension: '' };
  const first = split(file.indexOf('.'));
  const isExtension = first.extension.split('.').every((part) => /^[a-z_]\w*$/.test(part));
  return isExtension ? first : split(file.lastIndexOf('.'));
}

function memberOf(group: Group, shard: string, cleanCaption: (caption: string) => string): ShardMember {
  const name = `${shard}: ${group.key}`;
  const skipped = (reason: string) => ({ kind: 'skipped' as const, key: name, reason });
  const beside = 'The files of one name have to follow one another, as `tar --sort=name` writes them.';
  if (group.isTooLarge) return skipped(`One of its files is larger than ${LARGEST_MEMBER / 2 ** 20} MiB.`);
  if (!group.image)
    return skipped(`It has no image (${[...imageExtensions].join(', ')}) beside it. ${beside}`);
  if (!group.json && !group.txt) return skipped(`It has no .json or .txt file beside it. ${beside}`);
  if (group.image.length === 0) return skipped('Its image is empty.');
  const text = captionOf(group);
  if ('problem' in text) return skipped(text.problem);
  const caption = cleanCaption(text.caption);
  if (caption === '') return skipped('Its caption is empty.');
  return { kind: 'sample', key: name, image: group.image, caption };
}

/** The caption in the .json file, as the original takes it; of the .txt file where there is no other. */
function captionOf({ json, txt }: Group): { caption: string } | { problem: string } {
  try {
    if (!json) return { caption: decodeText(txt!) };
    const { data } = sampleJson.safeParse(parseForeignJson(json));
    return data ?? { problem: 'Its .json file holds no "caption".' };
  } catch (error) {
    if (!hasCode(error, 'foreign-text')) throw error;
    return { problem: `Its .${json ? 'json' : 'txt'} file cannot be used: ${error.message}.` };
  }
}

function sentenceFor(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes('Truncated input')) return 'The file is cut off. The samples before that are used.';
  return `The file cannot be read further as a tar file. The samples before that are used. (${message})`;
}
