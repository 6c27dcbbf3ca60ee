import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { CodedError } from '#libs/errors';

/**
 * A file of JSON Lines with a line for each thing that was done, so that nothing done is ever lost: a run that is killed
 * and started again reads it and goes on.
 */
export class JsonLines<Record> {
  private constructor(
    private readonly path: string,
    /** What was in the file when it was opened. */
    readonly records: readonly Record[],
  ) {}

  /**
   * Reads a file that may not be there yet. A kill in the middle of a line leaves a torn one; it is cut off, since its work
   * is done again.
   * @param parse throws for what is none of the records
   * @throws CodedError `json-lines` naming the line that is none
   */
  static open<Record>(path: string, parse: (value: unknown) => Record): JsonLines<Record> {
    mkdirSync(dirname(path), { recursive: true });
    if (!existsSync(path)) return new JsonLines<Record>(path, []);
    const bytes = readFileSync(path);
    const end = bytes.lastIndexOf('\n') + 1;
    const lines = bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
    const records = lines.map((line, index) => parseLine(line, parse, path, index + 1));
    if (end < bytes.length) truncateSync(path, end);
    return new JsonLines(path, records);
  }

  /** Written before it returns. */
  append(record: Record): void {
    appendFileSync(this.path, `${JSON.stringify(record)}\n`);
  }
}

function parseLine<Record>(
  line: string,
  parse: (value: unknown) => Record,
  path: string,
  number: number,
): Record {
  try {
    return parse(JSON.parse(line));
  } catch (cause) {
    throw new CodedError(
      'json-lines',
      `Line ${number} of ${path} is not a record that belongs there. Take the line out, or let another file be written.`,
      { cause },
    );
  }
}
