import { drain, makeScheduler, silent, textPrompt } from '../../../../test/support/scheduler-clients.js';
import type { ImageDigest } from '../engine.js';
import type { EngineObservation } from '../statistics.js';
import { draftFrom } from './prompt-lookup.js';

/** Of two different tokens, a reply repeats itself all the time. */
const repetitive = { capacity: 200, promptLookupTokens: 4, differentTokens: 2 };
const prompt = textPrompt(0, 1, 1, 0, 1, 0, 0, 1);

describe('a draft from the context', () => {
  it('is what followed the last three tokens where they occurred latest', () => {
    expect(draftFrom([1, 2, 3, 4, 9, 1, 2, 3, 5, 6, 7, 1, 2, 3], 2)).toEqual([5, 6]);
  });

  it('is what followed the last two when three did not occur', () => {
    expect(draftFrom([8, 2, 3, 4, 9, 2, 3], 3)).toEqual([4, 9, 2]);
  });

  it('is empty when nothing occurred before, or nothing is wanted', () => {
    expect(draftFrom([1, 2, 3, 4, 5], 3)).toEqual([]);
    expect(draftFrom([1, 2, 3, 1, 2], 0)).toEqual([]);
  });

  it('goes on through what is being looked up, and ends before an image', () => {
    expect(draftFrom([7, 7, 7], 3)).toEqual([7]);
    const image = 'sha256:bat' as ImageDigest;
    expect(draftFrom([1, 2, 3, image, image, 4, 1, 2], 5)).toEqual([3]);
  });
});

describe('prompt-lookup decoding', () => {
  it('takes fewer runs of the network to the same reply, and counts what was guessed', async () => {
    const observations: EngineObservation[] = [];
    const statistics = { ...silent, onObservation: (o: EngineObservation) => void observations.push(o) };
    const { decoder, scheduler, client } = makeScheduler({ ...repetitive, statistics });
    const repeating = client(prompt, 100).submit();
    await drain(scheduler);
    expect(repeating.tokens).toEqual(repeating.expectedTokens);
    expect(repeating.outcome?.completionTokens).toBe(100);

    const lookups = observations.filter((o) => o.kind === 'prompt-lookup');
    const accepted = lookups.reduce((sum, o) => sum + o.accepted, 0);
    expect(accepted).toBeGreaterThan(20);
    expect(decoder.runs).toBe(100 - accepted);
  });

  it.each([1, 2, 3, 4, 5, 6, 7])('ends a reply at its limit of %d tokens inside a draft', async (limit) => {
    const { scheduler, client } = makeScheduler({ ...repetitive, capacity: prompt.tokens.length + 7 });
    const limited = client(prompt, limit).submit();
    await drain(scheduler);
    expect(limited.tokens).toEqual(limited.expectedTokens);
    expect(limited.outcome?.reason).toBe('length');
  });

  it.each([0, 1])(
    'ends a reply at its stop token %d inside a draft, and leaves a right prefix cache',
    async (stop) => {
      const { scheduler, client } = makeScheduler(repetitive);
      const stopped = client(prompt, 50, stop).submit();
      await drain(scheduler);
      expect(stopped.tokens).toEqual(stopped.expectedTokens);
      expect(stopped.outcome?.reason).toBe('stop');

      const followUp = client(
        textPrompt(...prompt.tokens.map(Number), ...stopped.tokens, 1, 0, 1),
        30,
      ).submit();
      await drain(scheduler);
      expect(followUp.tokens).toEqual(followUp.expectedTokens);
    },
  );

  it('looks up only for a reply that decodes alone, and changes none beside it', async () => {
    const observations: EngineObservation[] = [];
    const statistics = { ...silent, onObservation: (o: EngineObservation) => void observations.push(o) };
    const { scheduler, client } = makeScheduler({ ...repetitive, statistics });
    const clients = [client(prompt, 10).submit(), client(textPrompt(1, 1, 0, 1, 1, 0), 60).submit()];
    await drain(scheduler);
    for (const each of clients) expect(each.tokens).toEqual(each.expectedTokens);

    const runs = observations.filter(({ kind }) => kind === 'prompt-lookup' || kind === 'decode');
    const afterLookups = runs.filter((_, index) => runs[index - 1]?.kind === 'prompt-lookup');
    expect(afterLookups.length).toBeGreaterThan(0);
    for (const run of afterLookups) expect(run).toMatchObject({ kind: 'decode', sequences: 1 });
    expect(runs).toContainEqual(expect.objectContaining({ kind: 'decode', sequences: 2 }));
  });

  it('computes a token by itself when its lead is no larger than what two kernels may differ by', async () => {
    const { decoder, scheduler, client } = makeScheduler(repetitive);
    decoder.verify = async (_row, _position, tokenIds) => tokenIds.map(() => Float32Array.of(0, 0, 1, 1.001));
    const unsure = client(prompt, 30).submit();
    await drain(scheduler);
    expect(unsure.tokens).toEqual(unsure.expectedTokens);
  });

  it.each([{ temperature: 1, topK: 1 }, { repetitionPenalty: 1.00001 }])(
    'leaves replies alone whose tokens depend on more than the logits: %j',
    async (settings) => {
      const sampling = { temperature: 0, topK: 0, topP: 1, repetitionPenalty: 1, seed: 0, ...settings };
      const { decoder, scheduler, client } = makeScheduler({ ...repetitive, sampling });
      const sampled = client(prompt, 20).submit();
      await drain(scheduler);
      expect(sampled.tokens).toEqual(sampled.expectedTokens);
      expect(decoder.runs).toBe(20);
    },
  );
});
