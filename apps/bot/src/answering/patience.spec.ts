import type { ReplyEvent } from '#libs/client';

import { finished, never, said } from '../../../../test/support/scripted-chat.js';
import { withPatience } from './patience.js';

const impatient = { slowMs: 1, silentMs: 30 };

/** Says what is given, and then nothing more, without an end. */
const hangingAfter = (...events: ReplyEvent[]) =>
  async function* () {
    yield* events;
    await new Promise(() => {});
  };

async function collect(events: AsyncIterable<ReplyEvent>): Promise<{ kinds: string[]; failure?: unknown }> {
  const kinds: string[] = [];
  try {
    for await (const { kind } of events) kinds.push(kind);
    return { kinds };
  } catch (failure) {
    return { kinds, failure };
  }
}

describe('a model server', () => {
  it('that hangs is given up', async () => {
    let ended: AbortSignal | undefined;
    const run = (signal: AbortSignal) => {
      ended = signal;
      return hangingAfter(said('It'))();
    };
    const { kinds, failure } = await collect(withPatience(run, impatient, () => {}, never));
    expect(kinds).toEqual(['delta']);
    expect(failure).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(ended?.aborted).toBe(true);
  });

  it('that is slow is said to be, as often as it takes', async () => {
    let heard = 0;
    const answer = new AbortController();
    const run = async function* () {
      await new Promise((resolve) => answer.signal.addEventListener('abort', resolve));
      yield finished();
    };
    const slow = () => {
      heard += 1;
      if (heard === 3) answer.abort();
    };
    const patient = { slowMs: 1, silentMs: 600_000 };
    await expect(collect(withPatience(run, patient, slow, never))).resolves.toEqual({ kinds: ['finish'] });
    expect(heard).toBeGreaterThanOrEqual(3);
  });

  it('is not called slow while a place in the queue is known', async () => {
    const heard: number[] = [];
    const run = hangingAfter({ kind: 'queued', position: 2 });
    await collect(withPatience(run, impatient, (s) => heard.push(s), never));
    expect(heard).toEqual([]);
  });

  it('that answers is passed on as it is', async () => {
    const run = async function* () {
      yield* [said('It is '), said('a cat.'), finished()];
    };
    const patient = { slowMs: 60_000, silentMs: 60_000 };
    await expect(collect(withPatience(run, patient, () => {}, never))).resolves.toEqual({
      kinds: ['delta', 'delta', 'finish'],
    });
  });

  it('that fails says so itself', async () => {
    const failure = new Error('away');
    const run = async function* () {
      yield said('It');
      throw failure;
    };
    await expect(collect(withPatience(run, impatient, () => {}, never))).resolves.toEqual({
      kinds: ['delta'],
      failure,
    });
  });
});
