import { readFileSync } from 'node:fs';

import { decodeText, ForeignTextError } from '#libs/files';

import { StartUpError } from './start-up-error.js';

/**
 * The text of a file that people write with any editor: UTF-8 with or without a byte order mark, or UTF-16 with one.
 * @throws StartUpError naming the file when it is not text, or is in two encodings
 */
export function readSettings(file: string): string {
  const text = decode(file);
  const beginning = text.indexOf('\0');
  if (beginning === -1) return text;
  const line = text.slice(0, beginning).split('\n').length;
  throw new StartUpError(
    `${file} is in two encodings: from line ${line} on it is UTF-16, as Windows PowerShell's "echo … >>" writes it. ` +
      `Save the file as UTF-8 with an editor, and append with "Add-Content".`,
  );
}

function decode(file: string): string {
  try {
    return decodeText(readFileSync(file));
  } catch (cause) {
    if (cause instanceof ForeignTextError)
      throw new StartUpError(`${file} cannot be read: ${cause.message}.`, { cause });
    throw cause;
  }
}
