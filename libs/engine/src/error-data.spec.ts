import { CodedError } from '#libs/errors';
import { errorFromData, errorToData } from './error-data.js';
import { EngineError } from './errors.js';
import { imageDigestOf } from './image-digest.js';

const acrossThreads = (error: unknown) => errorFromData(structuredClone(errorToData(error)));

describe('an error on its way between threads', () => {
  it.each([
    new EngineError({ code: 'context-length', promptTokens: 100, contextLength: 64 }),
    new EngineError({ code: 'invalid-image', image: { code: 'not-an-image' }, segmentIndex: 2 }),
    new EngineError({ code: 'image-not-cached', digest: imageDigestOf(Uint8Array.of(1)) }),
    new EngineError({ code: 'queue-full', retryAfterSeconds: 3 }),
    new EngineError({ code: 'device-unavailable', device: 'cuda', reason: 'there is none.' }),
    new EngineError({
      code: 'insufficient-memory',
      needed: 9.2e9,
      available: 8e9,
      remedies: ['int4 weights', 'fewer slots'],
    }),
    new CodedError('model-package', 'No model.json.'),
    new EngineError({ code: 'failed', what: 'Out of memory.' }),
  ])('stays the same: $code', (error) => {
    const arrived = acrossThreads(error);
    expect(arrived).toBeInstanceOf(error.constructor);
    expect(arrived).toEqual(error);
  });

  it('brings the messages of all its causes', () => {
    const cause = new Error('the network stopped', { cause: new Error('no memory') });
    const arrived = acrossThreads(new EngineError({ code: 'failed', what: 'A step failed.' }, { cause }));
    expect(arrived.message).toBe('A step failed.');
    expect(arrived.cause).toMatch(/^the network stopped: Error: no memory/);
  });

  it('becomes an EngineError when it is not foreseen, with its stack as the cause', () => {
    const arrived = acrossThreads(new TypeError('a defect'));
    expect(arrived).toBeInstanceOf(EngineError);
    expect(arrived.cause).toContain('TypeError: a defect');
  });
});
