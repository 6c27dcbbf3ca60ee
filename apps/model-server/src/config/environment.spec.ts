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
});
