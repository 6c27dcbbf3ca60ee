import { checkCountedSegments, checkGenerateRequest, checkImageFile } from './check-request.js';
import type { GenerateRequest, Segment } from './engine.js';
import { isEngineFault } from './errors.js';

const limits = { maxImages: 2, maxImageBytes: 10, contextLength: 20, burstLength: 1 };

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

const text = (value: string): Segment => ({ kind: 'text', text: value });
const imageBytes = (length: number): Segment => ({
  kind: 'image',
  image: { kind: 'bytes', bytes: Buffer.alloc(length, 1) },
});
const imageNamed = (value: string): Segment => ({ kind: 'image', image: { kind: 'digest', digest: value } });

const request = (changes: Partial<GenerateRequest> = {}): GenerateRequest => ({
  segments: [text('Hello')],
  stopSequences: [],
  ...changes,
});

function faults(act: () => unknown): Record<string, string> {
  try {
    act();
  } catch (error) {
    if (!isEngineFault(error, 'invalid-request')) throw error;
    return Object.fromEntries(error.fault.fields.map(({ path, message }) => [path.join('.'), message]));
  }
  return {};
}

it('a request within all limits is accepted', () => {
  const acceptable = request({
    segments: [text('Look: '), imageNamed(digest), imageBytes(10), text('</s>')],
    sampling: { temperature: 0, topP: 1, topK: 0, repetitionPenalty: 2, seed: 0 },
    maxNewTokens: 1,
    stopSequences: ['\n'],
  });
  expect(faults(() => checkGenerateRequest(acceptable, limits))).toEqual({});
});

describe('a request is refused with the field and the reason', () => {
  const sampling = (changes: object) => ({ sampling: { ...changes } });
  const stopping = (maxNewTokens: number | undefined, stopSequences: string[] = []) => ({
    maxNewTokens,
    stopSequences,
  });

  it.each<[string, Partial<GenerateRequest>, string, RegExp]>([
    ['no segments', { segments: [] }, 'segments', /empty/],
    ['too many segments', { segments: Array(257).fill(text('a')) }, 'segments', /257 segments; at most 256/],
    [
      'too many images',
      { segments: Array(3).fill(imageNamed(digest)) },
      'segments',
      /3 images; at most 2 are accepted/,
    ],
    [
      'more text than the context holds',
      { segments: [text('a'.repeat(321))] },
      'segments',
      /321 characters; at most 320/,
    ],
    ['an empty image', { segments: [imageBytes(0)] }, 'segments.0.image.bytes', /empty/],
    [
      'a large image',
      { segments: [imageBytes(11)] },
      'segments.0.image.bytes',
      /11 bytes; at most 10 are accepted/,
    ],
    ['a short digest', { segments: [imageNamed('sha256:00')] }, 'segments.0.image.digest', /64 lowercase/],
    [
      'a digest with a line after it',
      { segments: [imageNamed(`${digest}\n`)] },
      'segments.0.image.digest',
      /64/,
    ],
    ['a negative temperature', sampling({ temperature: -0.1 }), 'sampling.temperature', /from 0 to 2/],
    ['a high temperature', sampling({ temperature: 2.1 }), 'sampling.temperature', /from 0 to 2/],
    ['a temperature that is no number', sampling({ temperature: Number.NaN }), 'sampling.temperature', /NaN/],
    ['a top_p of 0', sampling({ topP: 0 }), 'sampling.topP', /above 0 and at most 1/],
    ['a top_p above 1', sampling({ topP: 1.5 }), 'sampling.topP', /above 0 and at most 1/],
    [
      'a repetition penalty of 0',
      sampling({ repetitionPenalty: 0 }),
      'sampling.repetitionPenalty',
      /above 0/,
    ],
    [
      'an infinite repetition penalty',
      sampling({ repetitionPenalty: Number.POSITIVE_INFINITY }),
      'sampling.repetitionPenalty',
      /at most 2/,
    ],
    ['a min_p above 1', sampling({ minP: 1.1 }), 'sampling.minP', /from 0 to 1/],
    ['a large penalty', sampling({ presencePenalty: 2.1 }), 'sampling.presencePenalty', /from -2 to 2/],
    ['a low penalty', sampling({ frequencyPenalty: -3 }), 'sampling.frequencyPenalty', /from -2 to 2/],
    ['a bias of a word', sampling({ logitBias: { fox: 1 } }), 'sampling.logitBias', /ids of tokens/],
    ['a large bias', sampling({ logitBias: { 5: 101 } }), 'sampling.logitBias.5', /from -100 to 100/],
    ['more than 20 log-probabilities', { logprobs: 21 }, 'logprobs', /from 0 to 20/],
    ['a stop token that is none', { stopTokens: [1.5] }, 'stopTokens.0', /whole number/],
    ['no new tokens', stopping(0), 'maxNewTokens', /at least 1/],
    [
      'too many stop sequences',
      stopping(undefined, Array(17).fill('a')),
      'stopSequences',
      /17 stop sequences; at most 16/,
    ],
    ['an empty stop sequence', stopping(5, ['a', '']), 'stopSequences.1', /from 1 to 64/],
    ['a long stop sequence', stopping(5, ['a'.repeat(65)]), 'stopSequences.0', /65 characters/],
  ])('%s', (_name, changes, field, reason) => {
    const refused = faults(() => checkGenerateRequest(request(changes), limits));
    expect(Object.keys(refused)).toEqual([field]);
    expect(refused[field]).toMatch(reason);
  });

  it('all of them at once', () => {
    const changes = { segments: [imageBytes(0), imageBytes(11)], ...sampling({ topP: 0 }) };
    expect(Object.keys(faults(() => checkGenerateRequest(request(changes), limits)))).toEqual([
      'segments.0.image.bytes',
      'segments.1.image.bytes',
      'sampling.topP',
    ]);
  });

  it('when tokens are counted, which may be of more than fits', () => {
    const count = (segments: Segment[]) => faults(() => checkCountedSegments(segments, limits));
    expect(Object.keys(count([]))).toEqual(['segments']);
    expect(count([text('a'.repeat(321)), ...Array<Segment>(300).fill(imageNamed(digest))])).toEqual({});
    expect(count([text('a'.repeat(16 * 320 + 1))]).segments).toMatch(/at most 5120/);
  });

  it('when an image is encoded, too', () => {
    expect(Object.keys(faults(() => checkImageFile(Buffer.alloc(11), limits)))).toEqual(['bytes']);
  });
});

it.each<[string, Partial<GenerateRequest>]>([
  ['logprobs', { logprobs: 0 }],
  ['minNewTokens', { minNewTokens: 3 }],
  ['sampling.minP', { sampling: { minP: 0.1 } }],
  ['sampling.presencePenalty', { sampling: { presencePenalty: 1 } }],
  ['sampling.frequencyPenalty', { sampling: { frequencyPenalty: 1 } }],
  ['sampling.logitBias', { sampling: { logitBias: { 1: 1 } } }],
])('%s is refused where networks sample by themselves, in bursts', (field, changes) => {
  expect(faults(() => checkGenerateRequest(request(changes), limits))).toEqual({});
  const refused = faults(() => checkGenerateRequest(request(changes), { ...limits, burstLength: 16 }));
  expect(refused).toEqual({ [field]: expect.stringContaining('Start it with BURST=1') });
});
