import { readFile } from 'node:fs/promises';

import { ArgumentError } from '../console/arguments.js';

export async function readImages(paths: readonly string[] = []): Promise<Uint8Array[]> {
  return Promise.all(
    paths.map((path) =>
      readFile(path).catch((cause: unknown) => {
        throw new ArgumentError(`The image ${path} cannot be read. Is the path right?`, { cause });
      }),
    ),
  );
}
