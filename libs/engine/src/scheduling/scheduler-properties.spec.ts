import fc from 'fast-check';

import {
  type Client,
  drain,
  makeScheduler,
  promptOfLength,
  step,
  textPrompt,
} from '../../../../test/support/scheduler-clients.js';

describe('Scheduler, whatever happens', () => {
  it.each([{ burstLength: 0 }, { burstLength: 4 }])(
    'stops a cancelled reply at every point of its life, and harms no other, with %j',
    async (decoding) => {
      const options = { rows: 2, prefillChunk: 4, ...decoding };
      const lifetime = await (async () => {
        const { decoder, scheduler, client } = makeScheduler(options);
        for (const first of [1, 20, 40]) client(promptOfLength(9, first), 6).submit();
        await drain(scheduler);
        return decoder.runs;
      })();
      for (let victim = 0; victim < 3; victim++) {
        for (let run = 0; run <= lifetime; run++) {
          const { decoder, scheduler, client } = makeScheduler(options);
          const clients = [1, 20, 40].map((first) => client(promptOfLength(9, first), 6).submit());
          const cancelled = clients[victim]!;
          decoder.duringRun = () => {
            if (decoder.runs === run && !cancelled.outcome) cancelled.cancel();
          };
          if (run === 0) cancelled.cancel();
          await drain(scheduler);

          for (const each of clients) {
            if (each.wasCancelled)
              expect(each.expectedTokens.slice(0, each.tokens.length)).toEqual(each.tokens);
            else expect(each.tokens).toEqual(each.expectedTokens);
          }
          expect(scheduler.running + scheduler.queued).toBe(0);
          expect(scheduler.keyValueCacheUsage).toBe(0);
        }
      }
    },
  );

  it('under random arrivals, lengths and cancellations: right replies, in order, without leaks or starvation', async () => {
    const request = fc.record({
      kind: fc.constant('submit' as const),
      prompt: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 16 }),
      maxNewTokens: fc.integer({ min: 1, max: 20 }),
    });
    const cancel = fc.record({ kind: fc.constant('cancel' as const), which: fc.nat() });
    const steps = fc.record({ kind: fc.constant('steps' as const), count: fc.integer({ min: 1, max: 4 }) });
    const settings = fc.record({
      rows: fc.integer({ min: 1, max: 5 }),
      prefillChunk: fc.integer({ min: 2, max: 30 }),
      burstLength: fc.constantFrom(0, 0, 1, 4, 16),
      reproducible: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        settings,
        fc.array(fc.oneof({ weight: 3, arbitrary: request }, cancel, steps), {
          minLength: 5,
          maxLength: 40,
          size: 'max',
        }),
        async (options, actions) => {
          const { scheduler, client } = makeScheduler(options);
          const clients: Client[] = [];
          for (const action of actions) {
            switch (action.kind) {
              case 'submit':
                clients.push(client(textPrompt(...action.prompt), action.maxNewTokens).submit());
                break;
              case 'cancel': {
                const chosen = clients[action.which % Math.max(clients.length, 1)];
                if (chosen && !chosen.outcome) chosen.cancel();
                break;
              }
              case 'steps':
                for (let count = 0; count < action.count; count++) await step(scheduler);
            }
          }
          // A reply may be computed once more, as a prompt.
          const work = clients.reduce(
            (sum, { prompt, maxNewTokens }) => sum + prompt.tokens.length + 2 * maxNewTokens,
            0,
          );
          expect(await drain(scheduler)).toBeLessThanOrEqual(work);

          for (const each of clients) {
            if (each.wasCancelled) continue;
            expect(each.tokens).toEqual(each.expectedTokens);
            expect(each.outcome).toBeDefined();
          }
          const beginnings = clients.flatMap(({ startedAs }) => startedAs ?? []);
          expect(beginnings).toEqual(beginnings.toSorted((a, b) => a - b));
          expect(scheduler.running + scheduler.queued).toBe(0);
          expect(scheduler.keyValueCacheUsage).toBe(0);
        },
      ),
      { numRuns: 100 },
    );
  });
});
