import { buildPrompt } from '#libs/conversation';
import {
  answers,
  ask,
  bat,
  nano,
  oyster,
  picture,
  promptOf,
  replyOf,
} from '../../../test/support/nano-engine.js';
import type { Engine, GenerateRequest, Segment } from './engine.js';
import { imageDigestOf } from './image-digest.js';
import { startEngine } from './start-engine.js';

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
    await expect(replyOf(engine.generate(request))).rejects.toThrow(
      expect.objectContaining({ code: 'image-not-cached' }),
    );
    await expect(replyOf(engine.generate(request))).rejects.toMatchObject({ fault: { digest: unknown } });
  });

  it('refuses bytes that are no image, and says which', async () => {
    const bytes = new TextEncoder().encode('not a picture');
    const segments: Segment[] = [
      { kind: 'image', image: bat },
      { kind: 'image', image: { kind: 'bytes', bytes } },
    ];
    const outcome = replyOf(engine.generate({ segments, stopSequences: [] }));
    await expect(outcome).rejects.toMatchObject({ fault: { code: 'invalid-image', segmentIndex: 1 } });
    await expect(engine.encodeImage(bytes)).rejects.toThrow(
      expect.objectContaining({ code: 'invalid-image' }),
    );
  });

  it.each<[string, Partial<GenerateRequest>]>([
    ['segments', { segments: [] }],
    ['sampling.temperature', { sampling: { temperature: 3 } }],
    ['sampling.topP', { sampling: { topP: 0 } }],
    ['maxNewTokens', { maxNewTokens: 0 }],
    ['stopSequences.1', { stopSequences: ['###', ''] }],
  ])('names the field %s when it is out of range', async (field, change) => {
    const request = { ...ask('Hello!', []), ...change };
    const error = await replyOf(engine.generate(request)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'invalid-request' });
    expect(error).toMatchObject({
      fault: { fields: [{ path: field.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key)) }] },
    });
  });

  it('counts a prompt that is longer than its context, and refuses what is far beyond it', async () => {
    const text = 'It is a bat. '.repeat(Math.ceil((engine.limits.contextLength * 16) / 13) + 1);
    const { tokens } = await engine.countTokens([{ kind: 'text', text }]);
    expect(tokens).toBeGreaterThan(engine.limits.contextLength);
    await expect(engine.countTokens([{ kind: 'text', text: text.repeat(16) }])).rejects.toThrow(
      expect.objectContaining({ code: 'invalid-request' }),
    );
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
