import {
  drain,
  makeScheduler,
  promptOfLength,
  silent,
  step,
  TOKENS_PER_IMAGE,
  textPrompt,
} from '../../../../test/support/scheduler-clients.js';
import type { ImageDigest } from '../engine.js';
import type { EngineObservation } from '../statistics.js';
import { Prompt, type PromptPart } from './prompt.js';

describe('the prefix cache of the scheduler', () => {
  it('computes only what follows the longest prefix that any slot holds', async () => {
    const observations: EngineObservation[] = [];
    const statistics = { ...silent, onObservation: (o: EngineObservation) => void observations.push(o) };
    const { scheduler, client } = makeScheduler({ rows: 3, statistics });
    const first = client(promptOfLength(10), 4).submit();
    await drain(scheduler);
    const followUp = client(textPrompt(...promptOfLength(10).tokens.map(Number), ...first.tokens, 1, 2), 4);
    followUp.submit();
    await drain(scheduler);

    // The last token of a reply was never fed back, so its key and value are not there.
    expect(followUp.outcome?.cachedPromptTokens).toBe(13);
    expect(followUp.tokens).toEqual(followUp.expectedTokens);
    expect(observations).toContainEqual({ kind: 'prefix-cache', queries: 16, hits: 13 });
  });

  it('computes the end of a prompt again when all of it is held', async () => {
    const { scheduler, client } = makeScheduler();
    client(promptOfLength(10)).submit();
    await drain(scheduler);
    const again = client(promptOfLength(10)).submit();
    await drain(scheduler);
    expect(again.outcome?.cachedPromptTokens).toBe(8);
    expect(again.tokens).toEqual(again.expectedTokens);
  });

  it('takes a common beginning from a reply that is still running', async () => {
    const { scheduler, client } = makeScheduler({ capacity: 80 });
    client(promptOfLength(16), 40).submit();
    await step(scheduler);
    await step(scheduler);
    const sharing = client(textPrompt(...promptOfLength(12).tokens.map(Number), 40, 41), 5).submit();
    await drain(scheduler);
    expect(sharing.outcome?.cachedPromptTokens).toBe(12);
    expect(sharing.tokens).toEqual(sharing.expectedTokens);
  });

  it('tells images of different digests apart', async () => {
    const { scheduler, client } = makeScheduler();
    const about = (name: string) => {
      const digest = `sha256:${name}` as ImageDigest;
      const parts: PromptPart[] = [
        { kind: 'text', tokenIds: [1, 2] },
        { kind: 'image', digest, projection: new Float32Array(TOKENS_PER_IMAGE) },
        { kind: 'text', tokenIds: [3] },
      ];
      return new Prompt(parts, TOKENS_PER_IMAGE);
    };
    client(about('cat')).submit();
    await drain(scheduler);
    const other = client(about('dog')).submit();
    await drain(scheduler);
    const same = client(about('cat')).submit();
    await drain(scheduler);
    expect(other.outcome?.cachedPromptTokens).toBe(2);
    expect(same.outcome?.cachedPromptTokens).toBe(4);
  });
});
