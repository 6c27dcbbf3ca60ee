import { parseServerConfig } from './environment.js';

describe('the environment', () => {
  it('needs no variable: everything has a default', () => {
    expect(parseServerConfig({})).toMatchObject({
      DEVICE: 'cpu',
      GRPC_ADDRESS: '127.0.0.1',
      GRPC_PORT: 50_051,
      SLOTS: 8,
      LOG_FORMAT: 'text',
    });
    expect(parseServerConfig({}).MODEL_PATH).toMatch(/models.nano$/);
  });

  it('takes an empty variable, as in a copied .env.example, for one that is not set', () => {
    expect(parseServerConfig({ SLOTS: '', MODEL_PATH: '' })).toEqual(parseServerConfig({}));
  });

  it('is read as numbers where numbers are meant', () => {
    expect(parseServerConfig({ GRPC_PORT: '6000', KV_CACHE_MIB: '512' })).toMatchObject({
      GRPC_PORT: 6_000,
      KV_CACHE_MIB: 512,
    });
  });

  it.each([
    ['GRPC_PORT', '70000', 'GRPC_PORT is "70000", but must be a whole number from 1 to 65535.'],
    ['SLOTS', 'many', 'SLOTS is "many", but must be a whole number from 1 to 256.'],
    ['THREADS', '1.5', 'THREADS is "1.5", but must be a whole number from 1 to 1024.'],
    ['DEVICE', 'tpu', 'DEVICE is "tpu", but must be one of cpu, cuda, webgpu.'],
    ['LOG_LEVEL', 'loud', 'LOG_LEVEL is "loud", but must be one of error, warn, log, debug, verbose.'],
  ])('names %s when it is "%s"', (variable, value, sentence) => {
    expect(() => parseServerConfig({ [variable]: value })).toThrow(sentence);
  });

  it.each([
    ['BURST', 1, 256],
    ['THREADS', 1, 1_024],
    ['GRPC_PORT', 1, 65_535],
    ['HTTP_PORT', 1, 65_535],
    ['SLOTS', 1, 256],
    ['QUEUE_LIMIT', 0, 100_000],
    ['CONTEXT_LENGTH', 64, 1_048_576],
    ['PREFILL_CHUNK', 2, 8_192],
    ['PREFILL_PAUSE_MS', 1, 60_000],
    ['KV_CACHE_MIB', 1, 1_048_576],
    ['EMBEDDING_CACHE_MIB', 0, 1_048_576],
    ['MAX_IMAGES', 0, 64],
    ['MAX_IMAGE_BYTES', 1, 2 ** 30],
    ['MAX_IMAGE_PIXELS', 1, 1_000_000_000],
    ['REQUESTS_MIB', 1, 1_048_576],
    ['DRAIN_SECONDS', 0, 3_600],
  ])('takes %s from %d to %d', (variable, from, to) => {
    for (const value of [from, to]) {
      expect(parseServerConfig({ [variable]: String(value) })).toMatchObject({ [variable]: value });
    }
    for (const value of [from - 1, to + 1]) {
      expect(() => parseServerConfig({ [variable]: String(value) })).toThrow(`from ${from} to ${to}`);
    }
  });

  it('is by default what .env.example says', () => {
    const example = parseServerConfig({});
    expect(example).toMatchObject({
      VERIFY: 'small',
      REPRODUCIBLE: 'on',
      HTTP_ADDRESS: '127.0.0.1',
      HTTP_PORT: 50_052,
      ALLOWED_HOSTS: [],
      QUEUE_LIMIT: 64,
      PREFILL_CHUNK: 128,
      PREFILL_PAUSE_MS: 250,
      KV_CACHE_MIB: 2_048,
      EMBEDDING_CACHE_MIB: 256,
      MAX_IMAGES: 8,
      MAX_IMAGE_BYTES: 20 * 2 ** 20,
      MAX_IMAGE_PIXELS: 50_000_000,
      DRAIN_SECONDS: 30,
      LOG_LEVEL: 'log',
    });
    expect(example).not.toHaveProperty('CONTEXT_LENGTH');
  });

  it('has names of hosts between commas or spaces', () => {
    expect(parseServerConfig({ ALLOWED_HOSTS: ' a.example, b.example c ' }).ALLOWED_HOSTS).toEqual([
      'a.example',
      'b.example',
      'c',
    ]);
  });
});
