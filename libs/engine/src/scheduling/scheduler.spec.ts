import {
  drain,
  makeScheduler,
  promptOfLength,
  step,
  textPrompt,
} from '../../../../test/support/scheduler-clients.js';
import { EngineError } from '../errors.js';
import { Prompt } from './prompt.js';

describe('Scheduler', () => {
  it('gives every request the reply it would have alone', async () => {
    const { scheduler, client } = makeScheduler({ rows: 3 });
    const clients = [
      client(promptOfLength(20), 7),
      client(promptOfLength(1), 3),
      client(textPrompt(4, 4), 9),
    ];
    for (const each of clients) each.submit();
    await drain(scheduler);
    for (const each of clients) expect(each.tokens).toEqual(each.expectedTokens);
    expect(clients.map(({ outcome }) => outcome?.reason)).toEqual(['length', 'length', 'length']);
  });

  it('ends a reply when its listener says so', async () => {
    const { scheduler, client } = makeScheduler();
    const [, second] = client(promptOfLength(4)).expectedTokens;
    const stopped = client(promptOfLength(4), 5, second).submit();
    await drain(scheduler);
    expect(stopped.tokens).toHaveLength(2);
    expect(stopped.outcome).toMatchObject({ reason: 'stop', promptTokens: 4, completionTokens: 2 });
  });

  it('decodes all running replies in one network run', async () => {
    const { decoder, scheduler, client } = makeScheduler({ rows: 4 });
    for (let first = 1; first <= 4; first++) client(promptOfLength(2, first), 10).submit();
    await drain(scheduler);
    expect(decoder.largestBatch).toBe(4);
    expect(decoder.runs).toBe(4 + 9);
  });

  it('computes a long prompt in pieces while running replies go on', async () => {
    const { decoder, scheduler, client } = makeScheduler({ prefillChunk: 4 });
    const running = client(promptOfLength(2), 30).submit();
    await step(scheduler);
    const long = client(promptOfLength(20, 9), 1).submit();
    const before = running.tokens.length;
    while (!long.outcome) await step(scheduler);
    expect(decoder.largestPrefill).toBe(4);
    expect(running.tokens.length - before).toBe(5);
  });

  it('takes smaller pieces of a prompt when the machine is too slow for the pause that running replies bear', async () => {
    const { decoder, scheduler, client } = makeScheduler({
      capacity: 200,
      prefillChunk: 64,
      prefillPauseSeconds: 1e-9,
    });
    const first = client(promptOfLength(100), 50).submit();
    await step(scheduler);
    expect(decoder.largestPrefill).toBe(64);
    while (first.tokens.length === 0) await step(scheduler);
    decoder.largestPrefill = 0;
    const second = client(promptOfLength(100, 500), 1).submit();
    while (!second.outcome) await step(scheduler);
    expect(decoder.largestPrefill).toBeLessThanOrEqual(17);
    expect(second.tokens).toEqual(second.expectedTokens);
  });

  it('shares one step between the last piece of a prompt and the next prompts', async () => {
    const { scheduler, client } = makeScheduler({ rows: 3, prefillChunk: 8 });
    const clients = [2, 3, 3].map((length, index) => client(promptOfLength(length, 10 * index)).submit());
    await step(scheduler);
    expect(clients.map(({ tokens }) => tokens.length)).toEqual([1, 1, 1]);
  });

  it('tells waiting requests how many are ahead of them, whenever it changes', async () => {
    const { scheduler, client } = makeScheduler({ rows: 1 });
    const [first, second, third] = [2, 3, 4].map((length) => client(promptOfLength(length), 2).submit());
    await drain(scheduler);
    expect(first!.positions).toEqual([]);
    expect(second!.positions).toEqual([0]);
    expect(third!.positions).toEqual([1, 0]);
  });

  it('refuses requests beyond the queue limit and says when to come back', async () => {
    const { scheduler, client } = makeScheduler({ rows: 1, queueLimit: 1 });
    client(promptOfLength(2)).submit();
    const waiting = client(promptOfLength(2)).submit();
    const refused = client(promptOfLength(2));
    expect(() => refused.submit()).toThrow(expect.objectContaining({ code: 'queue-full' }));
    waiting.cancel();
    expect(() => refused.submit()).not.toThrow();
    await drain(scheduler);
    expect(refused.tokens).toEqual(refused.expectedTokens);
  });

  it('refuses a prompt that leaves no room for a token, naming both numbers', () => {
    const { client } = makeScheduler({ capacity: 10 });
    const tooLong = client(promptOfLength(10));
    expect(() => tooLong.submit()).toThrow(expect.objectContaining({ code: 'context-length' }));
    expect(() => tooLong.submit()).toThrow(/takes 10 tokens, but the context holds 10/);
  });

  it('ends a reply with "length" where the context ends', async () => {
    const { scheduler, client } = makeScheduler({ capacity: 10 });
    const long = client(promptOfLength(7), 100).submit();
    await drain(scheduler);
    expect(long.outcome).toMatchObject({ reason: 'length', completionTokens: 3 });
  });

  it('passes by a request whose images are still being encoded', async () => {
    const { scheduler, client } = makeScheduler({ rows: 1 });
    let finishEncoding = (_: Prompt) => {};
    const withImage = client(promptOfLength(3, 20));
    withImage.submit(() => new Promise((resolve) => (finishEncoding = resolve)));
    const text = client(promptOfLength(3)).submit();
    await drain(scheduler);
    expect(text.outcome?.reason).toBe('length');
    expect(withImage.tokens).toEqual([]);

    finishEncoding(withImage.prompt);
    await drain(scheduler);
    expect(withImage.tokens).toEqual(withImage.expectedTokens);
  });

  it('fails a request whose images cannot be encoded, and goes on', async () => {
    const { scheduler, client } = makeScheduler({ rows: 1 });
    const broken = client(promptOfLength(3)).submit(() => Promise.reject(new Error('no picture')));
    const next = client(promptOfLength(3)).submit();
    await drain(scheduler);
    expect(broken.error?.message).toBe('no picture');
    expect(next.tokens).toEqual(next.expectedTokens);
  });

  it('fails the requests of a broken network run and frees their slots', async () => {
    const { decoder, scheduler, client } = makeScheduler({ rows: 1 });
    const broken = client(promptOfLength(3)).submit();
    await step(scheduler);
    decoder.duringRun = () => {
      decoder.duringRun = () => {};
      throw new Error('out of memory');
    };
    await drain(scheduler);
    expect(broken.error).toBeInstanceOf(EngineError);

    const next = client(promptOfLength(3)).submit();
    await drain(scheduler);
    expect(next.tokens).toEqual(next.expectedTokens);
  });

  it('decodes several tokens a run where the decoder does, and drops those after the end of a reply', async () => {
    const { decoder, scheduler, client } = makeScheduler({ rows: 2, burstLength: 4 });
    const [, , third] = client(promptOfLength(4)).expectedTokens;
    const stopped = client(promptOfLength(4), 20, third).submit();
    const long = client(promptOfLength(4, 9), 10).submit();
    await drain(scheduler);
    expect(stopped.tokens).toEqual(stopped.expectedTokens);
    expect(long.tokens).toEqual(long.expectedTokens);
    expect(decoder.runs).toBe(2 + 3);
  });
});
