import { status } from '@grpc/grpc-js';

import { ModelServerError, type ReplyEvent } from '#libs/client';

/** How long a model server may be silent. */
interface Patience {
  /** After this much silence the asker is told how long it takes, and again each time as much has passed. */
  readonly slowMs: number;
  /** After this much silence it is taken for hanging. */
  readonly silentMs: number;
}

/**
 * Passes a reply on while the model server shows signs of life. A server that hangs keeps its connection open, so no
 * error ever comes; the signal that `run` gets ends its calls then.
 * @param slow told, in seconds, how long there has been silence, but not while a place in the queue is known
 * @throws ModelServerError DEADLINE_EXCEEDED after too much silence
 */
export async function* withPatience(
  run: (signal: AbortSignal) => AsyncIterable<ReplyEvent>,
  { slowMs, silentMs }: Patience,
  slow: (seconds: number) => void,
  signal: AbortSignal,
): AsyncGenerator<ReplyEvent, void, undefined> {
  const hanging = new AbortController();
  const hung = new Promise<never>((_, reject) => {
    hanging.signal.addEventListener('abort', () => reject(hanging.signal.reason), { once: true });
  });
  hung.catch(() => {});
  let silentSince = performance.now();
  let queued = false;
  const watch = setInterval(
    () => {
      const silence = performance.now() - silentSince;
      if (silence >= silentMs) hanging.abort(silenceError(silentMs));
      else if (silence >= slowMs && !queued) slow(Math.round(silence / 1_000));
    },
    Math.min(slowMs, silentMs),
  );
  const events = run(AbortSignal.any([signal, hanging.signal]))[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const next = await Promise.race([events.next(), hung]);
      ended = next.done ?? false;
      if (next.done) return;
      queued = next.value.kind === 'queued';
      yield next.value;
      silentSince = performance.now();
    }
  } finally {
    clearInterval(watch);
    // Nobody waits for the end of a call that hangs.
    if (!ended) events.return?.()?.catch(() => {});
  }
}

function silenceError(silentMs: number): ModelServerError {
  const message = `The model server said nothing for ${silentMs / 1_000} s.`;
  return new ModelServerError(message, 'DEADLINE_EXCEEDED', status.DEADLINE_EXCEEDED, [], undefined, {});
}
