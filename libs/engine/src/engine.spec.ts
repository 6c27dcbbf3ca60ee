import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { buildPrompt } from '#libs/conversation';
import type { Engine, GenerateEvent, GenerateRequest, ImageSource, Segment } from './engine.js';
import { engineOptions } from './engine-options.js';
import {
  ContextLengthError,
  DeviceUnavailableError,
  EngineClosedError,
  EngineError,
  ImageNotCachedError,
  InvalidImageError,
  InvalidRequestError,
  ModelPackageError,
  QueueFullError,
} from './errors.js';
import { imageDigestOf } from './image-digest.js';
import { loadModel } from './load-model.js';
import { LocalEngine } from './local-engine.js';
import { startEngine } from './start-engine.js';

const root = join(import.meta.dirname, '../../..');
const nano = { modelPath: join(root, 'models/nano'), device: 'cpu', threads: 1 } as const;

interface ExpectedAnswer {
  readonly image: string | null;
  readonly question: string;
  readonly system_text?: boolean;
  readonly prompt_length: number;
  readonly answer: string;
}
/** Greedy answers of the same weights, computed by PyTorch. */
const { answers } = JSON.parse(readFileSync(join(root, 'test/fixtures/nano-expected.json'), 'utf8')) as {
  answers: ExpectedAnswer[];
};

type Picture = Extract<ImageSource, { kind: 'bytes' }>;

function picture(name: string): Picture {
  return { kind: 'bytes', bytes: readFileSync(join(root, 'test/fixtures/emoji-scenes/validation', name)) };
}
const bat = picture('seen-drawings/0000.png');
const oyster = picture('seen-drawings/0001.png');

function ask(question: string, images: readonly ImageSource[], systemText?: string): GenerateRequest {
  return buildPrompt({
    template: 'vicuna-v0',
    systemText,
    turns: [{ role: 'user', images, text: question }],
  });
}

function promptOf({ image, question, system_text }: ExpectedAnswer): GenerateRequest {
  return ask(question, image ? [picture(image)] : [], system_text === false ? '' : undefined);
}

type Finish = Extract<GenerateEvent, { kind: 'finish' }>;

async function replyOf(events: AsyncIterable<GenerateEvent>) {
  let text = '';
  const tokenIds: number[] = [];
  let finish: Finish | undefined;
  for await (const event of events) {
    if (event.kind === 'finish') finish = event;
    if (event.kind !== 'delta') continue;
    text += event.text;
    tokenIds.push(...event.tokenIds);
  }
  return { text: text.trim(), tokenIds, finish: finish! };
}

/** The shortest text that takes so many tokens or more. */
function longText(tokens: number): Segment {
  return { kind: 'text', text: 'a bat '.repeat(tokens) };
}

describe('an engine with the nano model', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine({ ...nano, queueLimit: answers.length, warmUp: true });
  });
  afterAll(() => engine.close());

  it('answers all questions at once as PyTorch answered each alone', async () => {
    const replies = await Promise.all(
      answers.map((expected) => replyOf(engine.generate(promptOf(expected)))),
    );
    const texts = replies.map(({ text }) => text);
    expect(texts).toEqual(answers.map(({ answer }) => answer));
    const lengths = replies.map(({ finish }) => finish.usage.promptTokens);
    expect(lengths).toEqual(answers.map(({ prompt_length }) => prompt_length));
  });

  it('counts a prompt as it will be billed', async () => {
    const request = ask('What is this?', [bat]);
    const { finish } = await replyOf(engine.generate(request));
    const count = await engine.countTokens(request.segments);
    expect(count.tokens).toBe(finish.usage.promptTokens);
    expect(count.segmentTokens.reduce((sum, tokens) => sum + tokens)).toBe(count.tokens);
  });

  it('computes a repeated prompt and its image only once', async () => {
    const request = ask('What is on this picture?', [picture('scenes/0012.png')], 'Just once.');
    const first = await replyOf(engine.generate(request));
    const second = await replyOf(engine.generate(request));
    expect(second.tokenIds).toEqual(first.tokenIds);
    expect(first.finish.usage).toMatchObject({ images: 1, cachedImages: 0 });
    expect(second.finish.usage).toMatchObject({
      cachedImages: 1,
      cachedPromptTokens: second.finish.usage.promptTokens - 2,
    });
  });

  it('continues a conversation from what it already computed', async () => {
    const first = await replyOf(engine.generate(ask('What is this?', [bat])));
    const followUp = buildPrompt({
      template: 'vicuna-v0',
      turns: [
        { role: 'user', images: [bat], text: 'What is this?' },
        { role: 'assistant', text: first.text },
        { role: 'user', images: [], text: 'What is the background color?' },
      ],
    });
    const second = await replyOf(engine.generate(followUp));
    expect(second.finish.usage.cachedPromptTokens).toBeGreaterThan(first.finish.usage.promptTokens - 5);
    expect(second.text).toContain('white');
  });

  it('sees several images in their order', async () => {
    const request = ask('What is this?', [bat, oyster, bat]);
    const { finish } = await replyOf(engine.generate(request));
    const digests = [bat, oyster, bat].map(({ bytes }) => imageDigestOf(bytes));
    expect(finish.imageDigests).toEqual(digests);
    expect(finish.usage.images).toBe(3);
  });

  it('knows an encoded image by its digest', async () => {
    const { bytes } = picture('scenes/0013.png');
    const encoded = await engine.encodeImage(bytes);
    expect(encoded).toMatchObject({ digest: imageDigestOf(bytes), width: 112, height: 112, cached: false });
    expect((await engine.encodeImage(bytes)).cached).toBe(true);

    const byDigest = ask('What is this?', [{ kind: 'digest', digest: encoded.digest }]);
    const byBytes = ask('What is this?', [{ kind: 'bytes', bytes }]);
    const replies = await Promise.all(
      [byDigest, byBytes].map((request) => replyOf(engine.generate(request))),
    );
    expect(replies[0]!.tokenIds).toEqual(replies[1]!.tokenIds);
  });

  it('asks for the bytes of an image it does not know', async () => {
    const unknown = imageDigestOf(Uint8Array.of(1, 2, 3));
    const request = ask('What is this?', [{ kind: 'digest', digest: unknown }]);
    await expect(replyOf(engine.generate(request))).rejects.toThrow(ImageNotCachedError);
    await expect(replyOf(engine.generate(request))).rejects.toMatchObject({ digest: unknown });
  });

  it('refuses bytes that are no image, and says which', async () => {
    const bytes = new TextEncoder().encode('not a picture');
    const segments: Segment[] = [
      { kind: 'image', image: bat },
      { kind: 'image', image: { kind: 'bytes', bytes } },
    ];
    const outcome = replyOf(engine.generate({ segments, stopSequences: [] }));
    await expect(outcome).rejects.toMatchObject({ name: 'InvalidImageError', segmentIndex: 1 });
    await expect(engine.encodeImage(bytes)).rejects.toThrow(InvalidImageError);
  });

  it.each<[string, Partial<GenerateRequest>]>([
    ['segments', { segments: [] }],
    ['sampling.temperature', { sampling: { temperature: 3 } }],
    ['sampling.topP', { sampling: { topP: 0 } }],
    ['maxNewTokens', { maxNewTokens: 0 }],
    ['stopSequences[1]', { stopSequences: ['###', ''] }],
  ])('names the field %s when it is out of range', async (field, change) => {
    const request = { ...ask('Hello!', []), ...change };
    const error = await replyOf(engine.generate(request)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(error).toMatchObject({ field });
  });

  it('repeats a sampled reply for its seed, whatever else runs', async () => {
    const sampled = (seed: number): GenerateRequest => ({
      ...ask('Describe this image in detail.', [bat]),
      sampling: { temperature: 2, topK: 500, topP: 0.99, seed },
      maxNewTokens: 30,
    });
    const alone = await replyOf(engine.generate(sampled(1)));
    const [repeated, ...others] = await Promise.all(
      [1, 2, 3, 4].map((seed) => replyOf(engine.generate(sampled(seed)))),
    );
    expect(repeated!.tokenIds).toEqual(alone.tokenIds);
    for (const other of others) expect(other.tokenIds).not.toEqual(alone.tokenIds);
  });

  it('ends the iteration with the reason of an abort', async () => {
    const controller = new AbortController();
    const events = engine.generate(ask('Describe this image in detail.', [bat]), controller.signal);
    const reading = (async () => {
      for await (const event of events) {
        if (event.kind === 'delta') controller.abort(new Error('enough'));
      }
    })();
    await expect(reading).rejects.toThrow('enough');
  });

  it('does not begin what was aborted before', async () => {
    const signal = AbortSignal.abort(new Error('never mind'));
    await expect(replyOf(engine.generate(ask('Hello!', []), signal))).rejects.toThrow('never mind');
    await expect(engine.encodeImage(Uint8Array.of(), signal)).rejects.toThrow('never mind');
  });

  it('keeps the bytes of the caller', async () => {
    const source = Buffer.from(bat.bytes);
    const digest = imageDigestOf(source);
    await engine.encodeImage(source);
    await replyOf(engine.generate(ask('What is this?', [{ kind: 'bytes', bytes: source }])));
    expect(imageDigestOf(source)).toBe(digest);
  });
});

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
      await expect(replyOf(tooLong)).rejects.toThrow(ContextLengthError);
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
      await expect(replyOf(engine.generate(request))).rejects.toThrow(QueueFullError);
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
      expect(outcomes[2]).toMatchObject({ reason: expect.any(QueueFullError) });
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

describe('startEngine', () => {
  it.each(['cuda', 'webgpu'] as const)('refuses the device "%s" and takes no other', async (device) => {
    await expect(startEngine({ ...nano, device })).rejects.toThrow(DeviceUnavailableError);
  });

  it('refuses a folder that is no model package', async () => {
    await expect(startEngine({ ...nano, modelPath: root })).rejects.toThrow(ModelPackageError);
  });

  it('refuses a context beyond the model and a memory too small for one', async () => {
    await expect(startEngine({ ...nano, contextLength: 4096 })).rejects.toThrow(/made for 2048/);
    await expect(startEngine({ ...nano, keyValueCacheBytes: 1000 })).rejects.toThrow(EngineError);
  });

  it('ends what is running when it is closed', async () => {
    const engine = await startEngine(nano);
    const running = replyOf(engine.generate(ask('Describe this image in detail.', [bat])));
    const outcome = expect(running).rejects.toThrow(EngineClosedError);
    await engine.close();
    await outcome;
    await expect(engine.countTokens([{ kind: 'text', text: 'x' }])).rejects.toThrow(EngineClosedError);
  });
});

describe('LocalEngine', () => {
  it('decodes at most one more step after a cancellation, and frees the slot', async () => {
    const settings = engineOptions.parse(nano);
    const { model } = await loadModel(settings, () => {});
    const log: string[] = [];
    const controller = new AbortController();
    let idle = () => {};
    const isIdle = new Promise<void>((resolve) => {
      idle = resolve;
    });
    const engine = new LocalEngine(model, settings, {
      onGauges: ({ requestsRunning, keyValueCacheUsage }) => {
        if (!controller.signal.aborted || requestsRunning > 0) return;
        expect(keyValueCacheUsage).toBe(0);
        idle();
      },
      onObservation: ({ kind }) => {
        log.push(kind);
        if (log.filter((entry) => entry === 'decode').length === 5 && !controller.signal.aborted) {
          setImmediate(() => {
            log.push('cancel');
            controller.abort();
          });
        }
      },
    });
    const events: GenerateEvent[] = [];
    engine.generate(
      ask('Describe this image in detail.', [bat]),
      { onEvent: (event) => events.push(event), onError: (error) => expect(error).toBeUndefined() },
      controller.signal,
    );
    await isIdle;
    const afterCancel = log.slice(log.indexOf('cancel') + 1);
    expect(afterCancel.filter((entry) => entry === 'decode').length).toBeLessThanOrEqual(1);
    expect(afterCancel.at(-1)).toBe('finish');
    expect(events.some(({ kind }) => kind === 'finish')).toBe(false);
  });
});
