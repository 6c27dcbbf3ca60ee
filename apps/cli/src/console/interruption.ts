import { setMaxListeners } from 'node:events';
import { CodedError } from '#libs/errors';
/** The user pressed Ctrl-C, or the system asked the command to end. */
export class InterruptedError extends CodedError {
  constructor(sentence: string, options?: ErrorOptions) {
    super('interrupted', sentence, options);
  }
}

/**
 * Aborted by the first Ctrl-C, so that a command can clear up; a second one ends it at once.
 * @param sentence what to tell the user then
 */
export function interruption(sentence: string): AbortSignal {
  const controller = new AbortController();
  // Everything that is under way listens. (0 would say the same, but then Node 20's getMaxListeners, which undici calls,
  // takes the signal for none.)
  setMaxListeners(Infinity, controller.signal);
  const abort = () => controller.abort(new InterruptedError(sentence));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, abort);
  return controller.signal;
}
