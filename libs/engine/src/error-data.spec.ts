import { errorFromData, errorToData } from './error-data.js';
import {
  ContextLengthError,
  DeviceUnavailableError,
  EngineError,
  ImageNotCachedError,
  InsufficientMemoryError,
  InvalidImageError,
  ModelPackageError,
  QueueFullError,
} from './errors.js';
import { imageDigestOf } from './image-digest.js';

const acrossThreads = (error: unknown) => errorFromData(structuredClone(errorToData(error)));

describe('an error on its way between threads', () => {
  it.each([
    new ContextLengthError(100, 64),
    new InvalidImageError({ code: 'not-an-image' }, 2),
    new ImageNotCachedError(imageDigestOf(Uint8Array.of(1))),
    new QueueFullError(3),
    new DeviceUnavailableError('cuda', 'there is none.'),
    new InsufficientMemoryError(9.2e9, 8e9, ['int4 weights', 'fewer slots']),
    new ModelPackageError('No model.json.'),
    new EngineError('Out of memory.'),
  ])('stays the same $name', (error) => {
    const arrived = acrossThreads(error);
    expect(arrived).toBeInstanceOf(error.constructor);
    expect(arrived).toEqual(error);
  });

  it('brings the messages of all its causes', () => {
    const cause = new Error('the network stopped', { cause: new Error('no memory') });
    const arrived = acrossThreads(new EngineError('A step failed.', { cause }));
    expect(arrived.message).toBe('A step failed.');
    expect(arrived.cause).toMatch(/^the network stopped: Error: no memory/);
  });

  it('becomes an EngineError when it is not foreseen, with its stack as the cause', () => {
    const arrived = acrossThreads(new TypeError('a defect'));
    expect(arrived).toBeInstanceOf(EngineError);
    expect(arrived.cause).toContain('TypeError: a defect');
  });
});
