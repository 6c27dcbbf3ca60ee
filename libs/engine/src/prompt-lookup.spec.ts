import { answers, ask, bat, nano, oyster, promptOf, replyOf } from '../../../test/support/nano-engine.js';
import type { Engine, GenerateRequest } from './engine.js';
import { EngineError } from './errors.js';
import { startEngine } from './start-engine.js';

/** A prompt in which the model finds much of what it will say. */
function askAgain(image: typeof bat, said: string): GenerateRequest {
  return ask(`You said: ${said} Describe this image in detail.`, [image]);
}

describe('an engine with prompt lookup', () => {
  const found = { drafted: 0, accepted: 0 };
  let engine: Engine;
  let plain: Engine;
  beforeAll(async () => {
    const statistics = {
      onGauges: () => {},
      onObservation: (observation: { readonly kind: string; drafted?: number; accepted?: number }) => {
        if (observation.kind !== 'prompt-lookup') return;
        found.drafted += observation.drafted ?? 0;
        found.accepted += observation.accepted ?? 0;
      },
    };
    engine = await startEngine({ ...nano, promptLookupTokens: 8 }, { statistics });
    plain = await startEngine(nano);
  });
  afterAll(() => Promise.all([engine.close(), plain.close()]));

  it('answers as PyTorch without it', async () => {
    for (const expected of answers) {
      const { text } = await replyOf(engine.generate(promptOf(expected)));
      expect(text).toBe(expected.answer);
    }
  });

  it('says what an engine without it says where a reply repeats its prompt, and guesses much of it', async () => {
    const before = { ...found };
    for (const image of [bat, oyster]) {
      const request = ask('Describe this image in detail.', [image]);
      const { text } = await replyOf(plain.generate(request));
      const again = askAgain(image, text);
      const reply = await replyOf(engine.generate(again));
      expect(reply.tokenIds).toEqual((await replyOf(plain.generate(again))).tokenIds);
    }
    expect(found.accepted - before.accepted).toBeGreaterThan(20);
  });

  it.each<[string, Partial<GenerateRequest>]>([
    ['a stop sequence', { stopSequences: [' background'] }],
    ['a limit of tokens', { maxNewTokens: 13 }],
  ])('ends at %s where an engine without it ends', async (_, ending) => {
    const { text } = await replyOf(plain.generate(ask('Describe this image in detail.', [bat])));
    const request = { ...askAgain(bat, text), ...ending };
    const [reply, expected] = [
      await replyOf(engine.generate(request)),
      await replyOf(plain.generate(request)),
    ];
    expect(reply.text).toBe(expected.text);
    expect(reply.finish).toMatchObject({
      reason: expected.finish.reason,
      usage: { completionTokens: expected.finish.usage.completionTokens },
    });
  });

  it('refuses where it could change a reply', async () => {
    const options = { ...nano, promptLookupTokens: 8 };
    await expect(startEngine({ ...options, keyValueType: 'float16' })).rejects.toThrow(EngineError);
    await expect(startEngine({ ...options, burst: 4 })).rejects.toThrow('not together with bursts');
  });
});
