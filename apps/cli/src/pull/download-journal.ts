import { appendFile, readFile, writeFile } from 'node:fs/promises';

/**
 * What is done of a download, beside it on disk: a line that says of which file, then the number of each piece
 * that came. Lines are appended, so that a killed process leaves a journal that can be read.
 */
export class DownloadJournal {
  private constructor(
    readonly path: string,
    readonly done: Set<number>,
  ) {}

  /** Goes on with the journal of an earlier attempt at the same version of the file, or begins a new one. */
  static async open(downloadPath: string, version: string): Promise<DownloadJournal> {
    const path = `${downloadPath}.journal`;
    const [firstLine, ...lines] = (await readFile(path, 'utf8').catch(() => '')).split('\n');
    if (firstLine === version) {
      return new DownloadJournal(path, new Set(lines.filter((line) => /^\d+$/.test(line)).map(Number)));
    }
    await writeFile(path, `${version}\n`);
    return new DownloadJournal(path, new Set());
  }

  async add(piece: number): Promise<void> {
    this.done.add(piece);
    await appendFile(this.path, `${piece}\n`);
  }
}
