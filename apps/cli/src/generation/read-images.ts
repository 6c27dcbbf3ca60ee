import { readFile } from 'node:fs/promises';
import { CodedError } from '#libs/errors';

export async function readImages(paths: readonly string[] = []): Promise<Uint8Array[]> {
  return Promise.all(
    paths.map((path) =>
      readFile(path).catch((cause: unknown) => {
        throw new CodedError('argument', `The image ${path} cannot be read. Is the path right?`, { cause });
      }),
    ),
  );
}
