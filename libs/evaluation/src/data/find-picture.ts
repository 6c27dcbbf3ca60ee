import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '#libs/errors';

/** Finds a picture in one of these folders below `folder`. @throws CodedError `evaluation-data` when it is in none */
export async function findPicture(folder: string, places: readonly string[], file: string): Promise<string> {
  for (const place of places) {
    const path = join(folder, place, file);
    if (await exists(path)) return path;
  }
  throw new CodedError(
    'evaluation-data',
    `The picture ${file} is asked about, but is not in ${places.map((place) => join(folder, place)).join(', ')}.`,
  );
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
