import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

import { modelManifest } from '#libs/model-package';

import { EngineError } from './errors.js';
import { WorkerEngine } from './worker-engine.js';

const manifest = modelManifest.parse(
  JSON.parse(readFileSync(new URL('../../../models/nano/model.json', import.meta.url), 'utf8')),
);
const limits = {
  device: 'cpu',
  contextLength: 8,
  tokensPerImage: 1,
  maxImages: 1,
  maxImageBytes: 8,
  slots: 1,
  queueLimit: 0,
  keyValueCacheBytes: 8,
  keyValueType: 'float32',
  precision: 'float32',
  burstLength: 1,
  reproducibility: { kind: 'proven', company: 'none' },
} as const;

/** An engine whose thread runs `code` instead of a model. */
function engineRunning(code: string, onBreakdown: (error: EngineError) => void): WorkerEngine {
  return new WorkerEngine(new Worker(code, { eval: true }), manifest, limits, onBreakdown);
}

describe('an engine whose thread wants an image read', () => {
  /** A thread that counts as tokens how wide an image is, or how its reading ended. */
  const countingWidth = (file: string) => `
    const port = require('node:worker_threads').parentPort;
    let id;
    port.on('message', (message) => {
      if (message.kind === 'close') process.exit();
      if (message.kind === 'count-tokens') {
        id = message.id;
        const bytes = require('node:fs').readFileSync('${file}');
        port.postMessage([{ kind: 'read-image', id: 7, bytes, shape: { side: 4, fit: { kind: 'stretch' } }, maxPixels: 1e6 }]);
      }
      if (message.kind === 'image-read' && message.id === 7) {
        const { reading } = message;
        const seen = reading.kind === 'read' ? [reading.image.width, reading.image.square.data.length] : reading;
        port.postMessage([{ kind: 'tokens-counted', id, count: seen }]);
      }
    });`;

  it.each([
    ['test/fixtures/images/rgb.png', [160, 48]],
    ['package.json', { kind: 'refused', fault: { code: 'not-an-image' } }],
  ])('gets it from its owner, whose thread no network blocks: %s', async (file, seen) => {
    const engine = engineRunning(countingWidth(file), () => {});
    await expect(engine.countTokens([{ kind: 'text', text: 'a' }])).resolves.toEqual(seen);
    await engine.close();
  });
});

describe('an engine whose thread breaks down', () => {
  it('tells its owner once, and whoever waits for an answer', async () => {
    const breakdowns: EngineError[] = [];
    const code = `require('node:worker_threads').parentPort.on('message', () => { throw new Error('A defect.'); });`;
    const engine = engineRunning(code, (error) => breakdowns.push(error));
    await expect(engine.countTokens([{ kind: 'text', text: '' }])).rejects.toThrow(EngineError);
    await expect(engine.countTokens([{ kind: 'text', text: '' }])).rejects.toThrow('The engine broke down.');
    expect(breakdowns).toHaveLength(1);
    expect(breakdowns[0]!.cause).toMatchObject({ message: 'A defect.' });
    await engine.close();
  });

  it('is not confused with one that is closed', async () => {
    const breakdowns: EngineError[] = [];
    const code = `require('node:worker_threads').parentPort.on('message', () => process.exit());`;
    const engine = engineRunning(code, (error) => breakdowns.push(error));
    await engine.close();
    expect(breakdowns).toEqual([]);
  });
});
