import { readdir } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { CodedError } from '#libs/errors';
import { fileEndings } from '#libs/images';

const pictureEndings = new Set(Object.values(fileEndings).flat());

/** What is written beside pictures, here and by other programs, and says nothing of a picture left out. */
const sidecarEndings = new Set(['.txt', '.xmp']);

export interface FoundPictures {
  /** Their paths from the folder on, with slashes between, in order. */
  readonly files: readonly string[];
  /** How many files are no pictures that can be read, by the ending of their names. */
  readonly leftOut: ReadonlyMap<string, number>;
}

/**
 * The pictures of a folder and the folders in it, by the endings of their names. Hidden files and folders are passed by:
 * macOS leaves `._cat.jpg` beside cat.jpg. Symbolic links are not followed, and count as left out.
 * @throws CodedError `captioning`
 */
export async function findPictures(folder: string): Promise<FoundPictures> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: Error) => {
    throw new CodedError('captioning', `The pictures in ${folder} cannot be read: ${cause.message}.`, {
      cause,
    });
  });
  const files: string[] = [];
  const leftOut = new Map<string, number>();
  for (const entry of entries) {
    const names = relative(folder, join(entry.parentPath, entry.name)).split(sep);
    if (entry.isDirectory() || names.some((name) => name.startsWith('.'))) continue;
    const ending = extname(entry.name).toLowerCase();
    if (entry.isFile() && pictureEndings.has(ending)) files.push(names.join('/'));
    else if (!sidecarEndings.has(ending)) {
      const kind = entry.isFile() ? ending || 'without an ending' : 'no plain file';
      leftOut.set(kind, (leftOut.get(kind) ?? 0) + 1);
    }
  }
  if (files.length > 0) return { files: files.sort(), leftOut };
  throw new CodedError(
    'captioning',
    `There is no picture in ${folder}. Pictures end in ${[...pictureEndings].join(', ')}.`,
  );
}
