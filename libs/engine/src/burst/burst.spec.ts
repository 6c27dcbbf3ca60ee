import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { buildPrompt } from '#libs/conversation';

import type { Engine, GenerateRequest, SamplingSettings } from '../engine.js';
import type { EngineOptions } from '../engine-options.js';
import { startEngine } from '../start-engine.js';

const root = join(import.meta.dirname, '../../../..');
const nano = { modelPath: join(root, 'models/nano'), device: 'cpu', threads: 1, slots: 4 } as const;

const picture = (name: string) =>
  ({
    kind: 'bytes',
    bytes: readFileSync(join(root, 'test/fixtures/emoji-scenes/validation/seen-drawings', name)),
  }) as const;

function ask(question: string, name = '0000.png'): GenerateRequest {
  return buildPrompt({
    template: 'vicuna-v0',
    turns: [{ role: 'user', images: [picture(name)], text: question }],
  });
}

async function replyOf(engine: Engine, request: GenerateRequest) {
  let text = '';
  const tokenIds: number[] = [];
  for await (const event of engine.generate(request)) {
    if (event.kind === 'finish') return { text, tokenIds, reason: event.reason };
    if (event.kind !== 'delta') continue;
    text += event.text;
    tokenIds.push(...event.tokenIds);
  }
  throw new Error('The reply did not finish.');
}

const sampling = (settings: Partial<SamplingSettings>, request: GenerateRequest): GenerateRequest => ({
  ...request,
  maxNewTokens: 30,
  sampling: { temperature: 1, topP: 1, topK: 0, repetitionPenalty: 1, seed: 7, ...settings },
});

/** More than there are slots, of different lengths, each sampled in its own way. */
const requests: readonly GenerateRequest[] = [
  ask('What is this?'),
  sampling({ temperature: 0 }, ask('Describe this picture in detail.')),
  sampling({ temperature: 1.5 }, { ...ask('What colour is it?', '0001.png'), stopSequences: [] }),
  sampling({ temperature: 0.8, topP: 0.9, repetitionPenalty: 1.3 }, ask('What is this?', '0002.png')),
  sampling({ temperature: 2, topK: 20 }, { ...ask('Tell me a story.'), stopSequences: ['a', '.'] }),
  sampling({ temperature: 1.2, topK: 50, topP: 0.95, seed: 2 ** 40 }, ask('Is it an animal?', '0003.png')),
];

describe('decoding in bursts', () => {
  const engines = new Map<string, Promise<Engine>>();
  /** One engine for all tests with the same options; it is closed when they end. */
  function start(options: Partial<EngineOptions> = {}): Promise<Engine> {
    const key = JSON.stringify(options);
    const engine = engines.get(key) ?? startEngine({ ...nano, ...options });
    engines.set(key, engine);
    return engine;
  }

  let stepping: Engine;
  let expected: Awaited<ReturnType<typeof replyOf>>[];
  beforeAll(async () => {
    stepping = await start();
    expected = await Promise.all(requests.map((request) => replyOf(stepping, request)));
  });
  afterAll(async () => {
    for (const engine of engines.values()) await (await engine).close();
  });

  it.each([1, 4, 16])('of %d gives every reply as single steps give it', async (burst) => {
    const engine = await start({ burst });
    const replies = await Promise.all(requests.map((request) => replyOf(engine, request)));
    expect(replies).toEqual(expected);
  });

  it('remembers, from burst to burst, which tokens a repetition penalty falls on', async () => {
    const long = (temperature: number): GenerateRequest => ({
      ...ask('Tell me a story.'),
      stopSequences: [],
      maxNewTokens: 80,
      sampling: { temperature, topP: 1, topK: 0, repetitionPenalty: 2, seed: 11 },
    });
    const engine = await start({ burst: 4 });
    for (const request of [long(0), long(0.7), long(1.5)]) {
      const step = await replyOf(stepping, request);
      expect(step.tokenIds.length).toBeGreaterThan(3 * 4);
      expect(await replyOf(engine, request)).toEqual(step);
    }
  });

  it('ends within a burst where a stop sequence does, and goes on from there in the next turn', async () => {
    const engine = await start({ burst: 16 });
    const endless = {
      ...ask('Describe this picture in detail.'),
      maxNewTokens: 40,
      sampling: { temperature: 0 },
    };
    const { text } = await replyOf(stepping, { ...endless, stopSequences: [] });
    const word = text.trim().split(' ')[3]!;
    const request = { ...endless, stopSequences: [word] };
    const stopped = await replyOf(engine, request);
    expect(stopped.text).toBe(text.slice(0, text.indexOf(word)));
    expect(stopped.reason).toBe('stop');

    // What the burst computed after the stop sequence is not taken for a part of the conversation.
    const followUp: GenerateRequest = {
      ...endless,
      segments: [
        ...request.segments,
        { kind: 'text', text: `${stopped.text}###Human: And now?###Assistant:` },
      ],
    };
    const inBursts = await replyOf(engine, followUp);
    expect(inBursts).toEqual(await replyOf(stepping, followUp));
  });

  it('stops between two bursts when it is cancelled', async () => {
    const engine = await start({ burst: 4, slots: 1 });
    const controller = new AbortController();
    let deltas = 0;
    const endless = {
      ...ask('Tell me a story.'),
      stopSequences: [],
      maxNewTokens: 200,
      sampling: { temperature: 2 },
    };
    await expect(async () => {
      for await (const event of engine.generate(endless, controller.signal)) {
        if (event.kind === 'delta' && ++deltas === 2) controller.abort(new Error('enough'));
      }
    }).rejects.toThrow('enough');
    expect(await replyOf(engine, requests[1]!)).toEqual(expected[1]);
  });
});
