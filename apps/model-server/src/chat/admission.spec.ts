import type { GenerateRequest, Segment } from '#libs/protocol';

import {
  admitGenerate,
  admitImageFile,
  admitPrompt,
  RefusedRequestError,
  type RequestLimits,
} from './admission.js';

const limits: RequestLimits = {
  maxImages: 2,
  maxImageBytes: 10,
  contextLength: 20,
  defaultStopSequences: ['###'],
};

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

const text = (value: string, beginsSequence = false): Segment => ({
  content: { $case: 'text', value },
  beginsSequence,
});
const imageBytes = (length: number): Segment => ({
  content: { $case: 'image', value: { source: { $case: 'data', value: Buffer.alloc(length, 1) } } },
  beginsSequence: false,
});
const imageNamed = (value: string): Segment => ({
  content: { $case: 'image', value: { source: { $case: 'digest', value } } },
  beginsSequence: false,
});

const request = (changes: Partial<GenerateRequest> = {}): GenerateRequest => ({
  segments: [text('Hello')],
  sampling: undefined,
  stopping: undefined,
  ...changes,
});

function violations(act: () => unknown): Record<string, string> {
  try {
    act();
  } catch (error) {
    if (!(error instanceof RefusedRequestError)) throw error;
    return Object.fromEntries(error.violations.map(({ field, description }) => [field, description]));
  }
  return {};
}

describe('an acceptable request', () => {
  it('reaches the engine in its own terms', () => {
    const admitted = admitGenerate(
      request({
        segments: [text('Look: '), imageNamed(digest), imageBytes(10), text('</s>', true)],
        sampling: { temperature: 0, topP: 1, topK: 0, repetitionPenalty: 2, seed: 0 },
        stopping: { maxNewTokens: 1, stopSequences: ['\n'] },
      }),
      limits,
    );
    expect(admitted).toEqual({
      segments: [
        { kind: 'text', text: 'Look: ', beginsSequence: false },
        { kind: 'image', image: { kind: 'digest', digest }, beginsSequence: false },
        { kind: 'image', image: { kind: 'bytes', bytes: Buffer.alloc(10, 1) }, beginsSequence: false },
        { kind: 'text', text: '</s>', beginsSequence: true },
      ],
      sampling: { temperature: 0, topP: 1, topK: 0, repetitionPenalty: 2, seed: 0 },
      maxNewTokens: 1,
      stopSequences: ['\n'],
    });
  });

  it("ends by the template's stop sequences when it names none", () => {
    expect(admitGenerate(request(), limits).stopSequences).toEqual(['###']);
    const stopping = { maxNewTokens: undefined, stopSequences: [] };
    expect(admitGenerate(request({ stopping }), limits).stopSequences).toEqual(['###']);
  });
});

describe('a request is refused with the field and the reason', () => {
  const sampling = (changes: object) => ({ sampling: { ...changes } });
  const stopping = (maxNewTokens: number | undefined, stopSequences: string[] = []) => ({
    stopping: { maxNewTokens, stopSequences },
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
      /321 characters; more than 320/,
    ],
    ['an empty segment', { segments: [{ content: undefined }] }, 'segments[0]', /neither text nor an image/],
    [
      'an image without a source',
      {
        segments: [
          text('a'),
          { content: { $case: 'image', value: { source: undefined } }, beginsSequence: false },
        ],
      },
      'segments[1].image',
      /neither bytes nor a digest/,
    ],
    ['an empty image', { segments: [imageBytes(0)] }, 'segments[0].image.data', /empty/],
    [
      'a large image',
      { segments: [imageBytes(11)] },
      'segments[0].image.data',
      /11 bytes; at most 10 are accepted/,
    ],
    ['a short digest', { segments: [imageNamed('sha256:00')] }, 'segments[0].image.digest', /64 lowercase/],
    [
      'a digest with a line after it',
      { segments: [imageNamed(`${digest}\n`)] },
      'segments[0].image.digest',
      /64/,
    ],
    ['a negative temperature', sampling({ temperature: -0.1 }), 'sampling.temperature', /from 0 to 2/],
    ['a high temperature', sampling({ temperature: 2.1 }), 'sampling.temperature', /from 0 to 2/],
    ['a temperature that is no number', sampling({ temperature: Number.NaN }), 'sampling.temperature', /NaN/],
    ['a top_p of 0', sampling({ topP: 0 }), 'sampling.top_p', /above 0 and at most 1/],
    ['a top_p above 1', sampling({ topP: 1.5 }), 'sampling.top_p', /above 0 and at most 1/],
    [
      'a repetition penalty of 0',
      sampling({ repetitionPenalty: 0 }),
      'sampling.repetition_penalty',
      /above 0/,
    ],
    [
      'an infinite repetition penalty',
      sampling({ repetitionPenalty: Number.POSITIVE_INFINITY }),
      'sampling.repetition_penalty',
      /at most 2/,
    ],
    ['no new tokens', stopping(0), 'stopping.max_new_tokens', /at least 1/],
    [
      'nine stop sequences',
      stopping(undefined, Array(9).fill('a')),
      'stopping.stop_sequences',
      /9 stop sequences; at most 8/,
    ],
    ['an empty stop sequence', stopping(5, ['a', '']), 'stopping.stop_sequences[1]', /from 1 to 64/],
    ['a long stop sequence', stopping(5, ['a'.repeat(65)]), 'stopping.stop_sequences[0]', /65 characters/],
  ])('%s', (_name, changes, field, reason) => {
    const refused = violations(() => admitGenerate(request(changes), limits));
    expect(Object.keys(refused)).toEqual([field]);
    expect(refused[field]).toMatch(reason);
  });

  it('all of them at once', () => {
    const changes = { segments: [imageBytes(0), imageBytes(11)], ...sampling({ topP: 0 }) };
    expect(Object.keys(violations(() => admitGenerate(request(changes), limits)))).toEqual([
      'segments[0].image.data',
      'segments[1].image.data',
      'sampling.top_p',
    ]);
  });

  it('when tokens are counted or an image is encoded, too', () => {
    expect(Object.keys(violations(() => admitPrompt({ segments: [] }, limits)))).toEqual(['segments']);
    expect(Object.keys(violations(() => admitImageFile({ data: Buffer.alloc(11) }, limits)))).toEqual([
      'data',
    ]);
  });
});
