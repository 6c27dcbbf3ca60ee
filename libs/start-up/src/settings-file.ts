import { readFileSync } from 'node:fs';
import { CodedError, hasCode } from '#libs/errors';

import { decodeText } from '#libs/files';

/**
 * The text of a file that people write with any editor: UTF-8 with or without a byte order mark, or UTF-16 with one.
 * @throws CodedError `start-up` naming the file when it is not text, or is in two encodings
 */
export function readSettings(file: string): string {
  const text = decode(file);
  const beginning = text.indexOf('\0');
  if (beginning === -1) return text;
  const line = text.slice(0, beginning).split('\n').length;
  throw new CodedError(
    'start-up',
    `${file} is in two encodings: from line ${line} on it is UTF-16, as Windows PowerShell's "echo … >>" writes it. ` +
      `Save the file as UTF-8 with an editor, and append with "Add-Content".`,
  );
}

function decode(file: string): string {
  try {
    return decodeText(readFileSync(file));
  } catch (cause) {
    if (hasCode(cause, 'foreign-text'))
      throw new CodedError('start-up', `${file} cannot be read: ${cause.message}.`, { cause });
    throw cause;
  }
}
