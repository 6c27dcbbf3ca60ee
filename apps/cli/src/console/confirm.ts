import { createInterface } from 'node:readline/promises';
import { CodedError } from '#libs/errors';

/**
 * Asks on the terminal whether to go on.
 * @param option what says yes beforehand, for commands that nobody watches
 * @throws CodedError `argument` where there is no terminal to ask on
 */
export async function confirm(question: string, option: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new CodedError(
      'argument',
      `${question} Nobody can be asked here: run the command with ${option} to say yes.`,
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
