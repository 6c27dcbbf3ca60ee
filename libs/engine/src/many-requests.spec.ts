import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { convert } from '#libs/model-package';
import { tinyReference, tinySources } from '../../../test/support/tiny-reference.js';
import type { Engine, GenerateRequest, Segment } from './engine.js';
import { Random } from './sampling/random.js';
import { startEngine } from './start-engine.js';
import type { EngineGauges } from './statistics.js';

/** In each of two formats. */
const REQUESTS = 500;
/** From one half of the requests to the other; what a request takes and does not give back comes 250 times. */
const MOST_GROWTH_BYTES = 50 * 2 ** 20;
/** Requests come again, as they do in life, so that the prefix cache has something to do. */
const DIFFERENT_REQUESTS = 30;

const words = [
  'a',
  'bat',
  'is',
  'on',
  'the',
  'left',
  'of',
  'an',
  'oyster',
  'and',
  'sings',
  '###',
  '\n',
  '🦇',
];

async function randomRequest(random: Random): Promise<GenerateRequest> {
  const below = (limit: number) => Math.floor(random.next() * limit);
  const text = (longest: number): Segment => ({
    kind: 'text',
    text: Array.from({ length: 1 + below(longest) }, () => words[below(words.length)]).join(' '),
  });
  const image = async (): Promise<Segment> => ({
    kind: 'image',
    image: {
      kind: 'bytes',
      bytes: await readFile(join(tinyReference, below(2) ? 'scene.png' : 'portrait.png')),
    },
  });
  const opening = below(2) ? text(20) : ({ kind: 'text', text: 'The same system text for many.' } as const);
  const segments = [opening, ...(below(2) ? [await image()] : []), text(60)];
  return { segments, maxNewTokens: 1 + below(24), stopSequences: [], sampling: { temperature: 0 } };
}

async function tokensOf(engine: Engine, request: GenerateRequest, stopAfter = Infinity): Promise<number[]> {
  const tokens: number[] = [];
  for await (const event of engine.generate(request)) {
    if (event.kind !== 'delta') continue;
    tokens.push(...event.tokenIds);
    if (tokens.length >= stopAfter) break;
  }
  return tokens;
}

/** On a processor with AVX-512 one needs no company and one pairs; with AVX2 only both need it where a row is alone. */
describe.each([32, 128] as const)(
  'an engine with int4 weights in blocks of %d under many requests',
  (blockSize) => {
    let folder: string;
    beforeAll(async () => {
      folder = join(await mkdtemp(join(tmpdir(), 'minigpt4-')), 'tiny');
      await convert({ sources: tinySources, out: folder, quantization: { kind: 'int4', blockSize } });
    });
    afterAll(() => rm(join(folder, '..'), { recursive: true }));

    it('gives each the reply it gives to it alone, through cancellations, and is empty afterwards', async () => {
      const random = new Random(20_260);
      const requests: GenerateRequest[] = [];
      while (requests.length < DIFFERENT_REQUESTS) requests.push(await randomRequest(random));
      const options = { modelPath: folder, device: 'cpu', threads: 1 } as const;

      const single = await startEngine({ ...options, slots: 1 });
      const alone: number[][] = [];
      for (const request of requests) alone.push(await tokensOf(single, request));
      await single.close();

      let gauges: EngineGauges | undefined;
      const engine = await startEngine(
        { ...options, slots: 8, queueLimit: REQUESTS, prefillChunk: 48 },
        {
          statistics: {
            onGauges: (latest) => {
              gauges = latest;
            },
            onObservation: () => {},
          },
        },
      );
      const { reproducibility } = engine.limits;
      expect(reproducibility).toMatchObject({ kind: 'proven' });
      const mistakes: string[] = [];
      const round = async () => {
        const some = Array.from({ length: REQUESTS / 2 }, async () => {
          const which = Math.floor(random.next() * requests.length);
          const stopAfter = random.next() < 0.2 ? 1 + Math.floor(random.next() * 10) : Infinity;
          const tokens = await tokensOf(engine, requests[which]!, stopAfter);
          const expected = alone[which]!.slice(0, tokens.length);
          const isWhole = stopAfter < Infinity || tokens.length === alone[which]!.length;
          if (!isWhole || `${tokens}` !== `${expected}`) mistakes.push(`${which}: ${tokens} ≠ ${expected}`);
        });
        await Promise.all(some);
        return process.memoryUsage.rss();
      };
      const growth = -(await round()) + (await round());
      await engine.countTokens([{ kind: 'text', text: 'all messages before this one have arrived' }]);
      await engine.close();

      expect(mistakes).toEqual([]);
      expect(growth).toBeLessThan(MOST_GROWTH_BYTES);
      expect(gauges).toMatchObject({ requestsRunning: 0, requestsWaiting: 0, keyValueCacheUsage: 0 });
    });
  },
);
