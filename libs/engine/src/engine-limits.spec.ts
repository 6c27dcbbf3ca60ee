import {
  answers,
  ask,
  bat,
  longText,
  nano,
  picture,
  promptOf,
  replyOf,
} from '../../../test/support/nano-engine.js';
import type { GenerateEvent } from './engine.js';
import { startEngine } from './start-engine.js';

describe('an engine with little room', () => {
  it('keeps prompt and reply within its context and tells who does not fit', async () => {
    const engine = await startEngine({ ...nano, contextLength: 32, slots: 1 });
    try {
      expect(engine.limits).toMatchObject({ contextLength: 32, slots: 1 });
      const { finish } = await replyOf(
        engine.generate({
          segments: [{ kind: 'text', text: 'The image shows' }],
          stopSequences: [],
          maxNewTokens: 500,
        }),
      );
      expect(finish.reason).toBe('length');
      expect(finish.usage.promptTokens + finish.usage.completionTokens).toBe(32);
      const tooLong = engine.generate({ segments: [longText(32)], stopSequences: [] });
      await expect(replyOf(tooLong)).rejects.toThrow(expect.objectContaining({ code: 'context-length' }));
    } finally {
      await engine.close();
    }
  });

  it('queues what it cannot run, says so, and refuses what it cannot queue', async () => {
    const engine = await startEngine({ ...nano, slots: 1, queueLimit: 1 });
    try {
      const request = { ...ask('Describe this image in detail.', [bat]), maxNewTokens: 20 };
      const running = replyOf(engine.generate(request));
      const queued: GenerateEvent[] = [];
      const waiting = (async () => {
        for await (const event of engine.generate(request)) queued.push(event);
      })();
      await expect(replyOf(engine.generate(request))).rejects.toThrow(
        expect.objectContaining({ code: 'queue-full' }),
      );
      await Promise.all([running, waiting]);
      expect(queued[0]).toEqual({ kind: 'queued', position: 0 });
      expect(queued.at(-1)).toMatchObject({ kind: 'finish' });
    } finally {
      await engine.close();
    }
  });

  it('refuses more images at once than may wait', async () => {
    const engine = await startEngine({ ...nano, queueLimit: 1 });
    try {
      const names = ['scenes/0014.png', 'scenes/0015.png', 'scenes/0016.png'];
      const outcomes = await Promise.allSettled(names.map((name) => engine.encodeImage(picture(name).bytes)));
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
      expect(outcomes[2]).toMatchObject({ reason: expect.objectContaining({ code: 'queue-full' }) });
    } finally {
      await engine.close();
    }
  });

  it('makes as many slots as its memory holds, and warns', async () => {
    const warnings: string[] = [];
    const bytesPerSlot = 2048 * 2 * 4 * 256 * 4;
    const engine = await startEngine(
      { ...nano, slots: 4, keyValueCacheBytes: 2.5 * bytesPerSlot },
      { onWarning: (message) => warnings.push(message) },
    );
    expect(engine.limits).toMatchObject({ slots: 2, keyValueCacheBytes: 2 * bytesPerSlot });
    expect(warnings).toEqual([expect.stringContaining('2 instead of 4 requests')]);
    await engine.close();
  });

  it('says the same with float16 keys and values and with a prompt computed in small pieces', async () => {
    const engine = await startEngine({ ...nano, keyValueType: 'float16', prefillChunk: 7 });
    try {
      const expected = answers[0]!;
      expect((await replyOf(engine.generate(promptOf(expected)))).text).toBe(expected.answer);
    } finally {
      await engine.close();
    }
  });
});
