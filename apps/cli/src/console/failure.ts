import { InterruptedError } from './interruption.js';
import { remark } from './output.js';

/** What shells report of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

/** Says in one sentence why a command failed; where DEBUG is set, also where and from which cause. */
export async function reportFailure(error: unknown): Promise<void> {
  process.exitCode = error instanceof InterruptedError ? INTERRUPTED : 1;
  if (process.env.DEBUG) console.error(error);
  else remark(await sentenceFor(error));
}

async function sentenceFor(error: unknown): Promise<string> {
  const { ZodError } = await import('zod'); // which a command that fails so has loaded, and one that runs may not need
  if (error instanceof ZodError) {
    return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}.`).join(' ');
  }
  return error instanceof Error ? error.message : String(error);
}
