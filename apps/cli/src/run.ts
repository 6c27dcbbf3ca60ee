import { CommanderError } from 'commander';

import { requireShortCommandLine } from './console/arguments.js';
import { reportFailure } from './console/failure.js';
import { commandLine } from './program.js';

/**
 * Runs one command. How it ended is `process.exitCode`, and what it has to say is on stdout and stderr.
 * @param args the words after the program's name
 */
export async function run(args: readonly string[]): Promise<void> {
  try {
    requireShortCommandLine(args);
    await commandLine().parseAsync([...args], { from: 'user' });
  } catch (error) {
    // Commander has said what was wrong, or shown the help that was asked for.
    if (error instanceof CommanderError) process.exitCode = error.exitCode;
    else await reportFailure(error);
  }
}
