import { z } from 'zod';

import { InterruptedError } from './interruption.js';
import { remark } from './output.js';

/** What shells report of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

/** Says in one sentence why a command failed; where DEBUG is set, also where and from which cause. */
export function reportFailure(error: unknown): void {
  process.exitCode = error instanceof InterruptedError ? INTERRUPTED : 1;
  if (process.env.DEBUG) console.error(error);
  else remark(sentenceFor(error));
}

function sentenceFor(error: unknown): string {
  if (error instanceof z.ZodError) {
    return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}.`).join(' ');
  }
  if (!(error instanceof Error)) return String(error);
  return error.message;
}
