import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type CheckpointReader, isModelFolder, listTensorNames, openCheckpoint } from '#libs/checkpoint';
import { CodedError } from '#libs/errors';
import { describeRelative, type Family, families, type PublishedPart, recogniseFamily } from '#libs/families';
import type { CheckpointRole } from '#libs/minigpt4';

import { PublishedCheckpoint, PublishedSources } from './published-sources.js';
import { readSettings } from './read-settings.js';

/** Published files and folders, in any order, of which each part of a model is found by its tensors' names. */
export interface FoundFiles {
  readonly from: readonly string[];
  /** Recognised from the files when left out. */
  readonly family?: Family;
}

/** A file of weights, or a folder whose weights may be sharded. */
interface FoundCheckpoint {
  readonly path: string;
  readonly names: readonly string[];
}

/** Of the Q-Former's questions; other vocabularies lie beside their language model. */
const BERT_VOCABULARY = 'vocab.txt';

/** Folders below the named ones are looked into this deep. */
const DEEPEST = 3;

/** @throws CodedError `conversion` that names the part that is missing or there twice, CheckpointError */
export async function openFoundFiles({
  from,
  family: asked,
}: FoundFiles): Promise<{ readonly family: Family; readonly sources: PublishedSources }> {
  const paths = new Set((await Promise.all(from.map((path) => findFiles(path, 0)))).flat());
  const found: FoundCheckpoint[] = [];
  for (const path of paths) {
    if (basename(path) !== BERT_VOCABULARY) found.push({ path, names: await listTensorNames(path) });
  }
  const family = asked ?? recognise(found, from);
  const vocabularies = [...paths].filter((path) => basename(path) === BERT_VOCABULARY);
  return { family, sources: await openParts(family, found, await questionVocabulary(family, vocabularies)) };
}

/** Weights, and vocabularies that do not lie beside a language model. */
async function findFiles(path: string, depth: number): Promise<string[]> {
  const entry = await stat(path).catch((cause: unknown) => {
    throw new CodedError('conversion', `${path} does not exist, or may not be read.`, { cause });
  });
  if (!entry.isDirectory()) return [path];
  const files = (await readdir(path)).toSorted();
  const own = isModelFolder(files) ? [path] : [];
  const others = files
    .filter((file) => /\.pth?$/.test(file) || file === BERT_VOCABULARY)
    .map((file) => join(path, file));
  if (depth === DEEPEST) return [...own, ...others];
  const below: string[] = [];
  for (const file of files) {
    const inside = join(path, file);
    if ((await stat(inside)).isDirectory()) below.push(...(await findFiles(inside, depth + 1)));
  }
  return [...own, ...others, ...below];
}

/** @throws CodedError `conversion` when the family needs one and there is none, or there are two that differ */
async function questionVocabulary(
  { title, questionVocabulary: called }: Family,
  paths: readonly string[],
): Promise<string | undefined> {
  if (called === undefined) return undefined;
  const [path] = paths;
  if (path === undefined) {
    throw new CodedError(
      'conversion',
      `This is ${title}, but ${called}, is missing. Name it or its folder as well.`,
    );
  }
  const texts = await Promise.all(paths.map((each) => readFile(each, 'utf8')));
  const other = texts.findIndex((text) => text !== texts[0]);
  if (other > 0)
    throw new CodedError('conversion', `${path} and ${paths[other]} differ. Name only one of them.`);
  return path;
}

function recognise(found: readonly FoundCheckpoint[], from: readonly string[]): Family {
  const names = found.flatMap((checkpoint) => checkpoint.names);
  const family = recogniseFamily(names);
  if (family) return family;
  const relative = describeRelative(names);
  if (relative) throw new CodedError('conversion', relative);
  const known = families.map(({ title }) => title).join(', ');
  throw new CodedError(
    'conversion',
    found.length === 0
      ? `There are no weights in ${from.join(', ')}.`
      : `These files are of no family that is known here (${known}): ${found.map(({ path }) => path).join(', ')}.`,
  );
}

async function openParts(
  family: Family,
  found: readonly FoundCheckpoint[],
  vocabulary: string | undefined,
): Promise<PublishedSources> {
  const parts = Object.entries(family.parts) as [CheckpointRole, PublishedPart][];
  const holders = parts.flatMap(([role, part]) => {
    const holder = holderOf(family, part, found);
    return holder ? [{ role, part, holder }] : [];
  });
  const wanted = (name: string) => parts.some(([, part]) => readName(part, name) !== undefined);
  const readers = new Map<string, CheckpointReader>();
  try {
    const opened = new Map<CheckpointRole, PublishedCheckpoint>();
    for (const { role, part, holder } of holders) {
      const reader = readers.get(holder.path) ?? (await openCheckpoint(holder.path, { wanted }));
      readers.set(holder.path, reader);
      const settings = await readSettings(dirname(reader.files[0]!));
      opened.set(
        role,
        new PublishedCheckpoint(reader, readNames(part, holder.names), {
          ...settings,
          stored: reader.metadata,
        }),
      );
    }
    return new PublishedSources(opened, vocabulary);
  } catch (error) {
    await Promise.all([...readers.values()].map((reader) => reader.close()));
    throw error;
  }
}

/** The one checkpoint that holds a part. @throws CodedError `conversion` when it is missing, or there twice */
function holderOf(
  { title }: Family,
  part: PublishedPart,
  found: readonly FoundCheckpoint[],
): FoundCheckpoint | undefined {
  const holders = found.filter(({ names }) => names.some((name) => readName(part, name) !== undefined));
  const [holder, second] = holders;
  if (second) {
    throw new CodedError(
      'conversion',
      `${holder!.path} and ${second.path} both hold ${part.title}. Name only one of them.`,
    );
  }
  if (!holder && !part.optional) {
    throw new CodedError(
      'conversion',
      `This is ${title}, but ${part.title} is missing. Name its folder or file as well.`,
    );
  }
  return holder;
}

/** What a family calls a published tensor; undefined when it is none of the part's. */
function readName({ names }: PublishedPart, published: string): string | undefined {
  for (const pattern of names) {
    const match = pattern.exec(published);
    if (match) return match.slice(1).join('');
  }
  return undefined;
}

function readNames(part: PublishedPart, names: readonly string[]): Map<string, string> {
  return new Map(
    names.flatMap((published) => {
      const name = readName(part, published);
      return name === undefined ? [] : [[name, published] as const];
    }),
  );
}
