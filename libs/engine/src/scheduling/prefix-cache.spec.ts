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

  describe('of reproducible replies', () => {
    const prompt = promptOfLength(10);
    const afterReply = (reply: readonly number[]) => textPrompt(...prompt.tokens.map(Number), ...reply, 1, 2);

    it('starts a follow-up from a reply only as a prompt computes it, which happens when nothing else is to do', async () => {
      const { decoder, scheduler, client } = makeScheduler({ reproducible: true });
      const first = client(prompt, 7).submit();
      while (!first.outcome) await step(scheduler);
      const { runs } = decoder;
      await drain(scheduler);
      expect(decoder.runs).toBe(runs + 1);
      const followUp = client(afterReply(first.tokens), 3).submit();
      await drain(scheduler);
      // The last token of a reply was never fed back.
      expect(followUp.outcome?.cachedPromptTokens).toBe(16);
      expect(followUp.tokens).toEqual(followUp.expectedTokens);
    });

    it('computes the reply with the follow-up when that comes at once', async () => {
      const { scheduler, client } = makeScheduler({ reproducible: true });
      const first = client(prompt, 7).submit();
      while (!first.outcome) await step(scheduler);
      const followUp = client(afterReply(first.tokens), 3).submit();
      await drain(scheduler);
      expect(followUp.outcome?.cachedPromptTokens).toBe(10);
      expect(followUp.tokens).toEqual(followUp.expectedTokens);
    });

    it('shares no tokens of a reply that is still running', async () => {
      const { scheduler, client } = makeScheduler({ capacity: 80, reproducible: true });
      const running = client(prompt, 40).submit();
      for (let count = 0; count < 20; count++) await step(scheduler);
      const sharing = client(afterReply(running.tokens.slice(0, 8)), 5).submit();
      await drain(scheduler);
      expect(sharing.outcome?.cachedPromptTokens).toBe(10);
      expect(sharing.tokens).toEqual(sharing.expectedTokens);
    });

    it('computes a long reply in pieces, and stops for a request that comes', async () => {
      const { decoder, scheduler, client } = makeScheduler({ rows: 1, capacity: 80, reproducible: true });
      const long = client(prompt, 40).submit();
      while (!long.outcome) await step(scheduler);
      const { runs } = decoder;
      await step(scheduler);
      expect(decoder.runs).toBe(runs + 1);
      expect(decoder.contents[0]).toHaveLength(18);
      const other = client(promptOfLength(4, 30), 1).submit();
      await step(scheduler);
      await step(scheduler);
      expect(decoder.runs).toBe(runs + 2);
      expect(other.tokens).toEqual(other.expectedTokens);
    });

    it('forgets a reply that cannot be computed as a prompt, and serves on', async () => {
      const { decoder, scheduler, client } = makeScheduler({ reproducible: true });
      const first = client(prompt, 7).submit();
      while (!first.outcome) await step(scheduler);
      const prefill = decoder.prefill.bind(decoder);
      decoder.prefill = () => Promise.reject(new Error('out of memory'));
      await drain(scheduler);
      decoder.prefill = prefill;
      const followUp = client(afterReply(first.tokens), 3).submit();
      await drain(scheduler);
      expect(followUp.outcome?.cachedPromptTokens).toBe(10);
      expect(followUp.tokens).toEqual(followUp.expectedTokens);
    });
  });
});
