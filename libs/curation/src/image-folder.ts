import { readdir } from 'node:fs/promises';
import { extname, parse } from 'node:path';
import { CodedError } from '#libs/errors';

/** A picture of the folder that is curated. */
export interface SourceImage {
  /** Names the picture in the result: its file's name without the ending, where that is enough. */
  readonly id: string;
  /** The file's name in the folder. */
  readonly file: string;
}

export const mediaTypes: Readonly<Record<string, string>> = {
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.avif': 'image/avif',
};

/** The pictures in a folder, in the order of their names. */
export async function listImages(folder: string): Promise<SourceImage[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new CodedError('curation', `The folder of pictures ${folder} cannot be read. Is the path right?`, {
      cause,
    });
  });
  const files = entries
    // Hidden files are none of the person's pictures: macOS leaves `._cat.jpg` beside cat.jpg.
    .filter(({ name }) => !name.startsWith('.') && extname(name).toLowerCase() in mediaTypes)
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();
  if (files.length === 0) {
    const endings = Object.keys(mediaTypes).join(', ');
    throw new CodedError('curation', `There is no picture in ${folder}. Pictures end in ${endings}.`);
  }
  const times = new Map<string, number>();
  for (const { name } of files.map((file) => parse(file))) times.set(name, (times.get(name) ?? 0) + 1);
  return files.map((file) => {
    const { name } = parse(file);
    return { file, id: times.get(name) === 1 ? name : file };
  });
}
