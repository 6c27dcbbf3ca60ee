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
  slots: 1,
  queueLimit: 0,
  keyValueCacheBytes: 8,
  keyValueType: 'float32',
  precision: 'float32',
  burstLength: 1,
} as const;

/** An engine whose thread runs `code` instead of a model. */
function engineRunning(code: string, onBreakdown: (error: EngineError) => void): WorkerEngine {
  return new WorkerEngine(new Worker(code, { eval: true }), manifest, limits, onBreakdown);
}

describe('an engine whose thread breaks down', () => {
  it('tells its owner once, and whoever waits for an answer', async () => {
    const breakdowns: EngineError[] = [];
    const code = `require('node:worker_threads').parentPort.on('message', () => { throw new Error('A defect.'); });`;
    const engine = engineRunning(code, (error) => breakdowns.push(error));
    await expect(engine.countTokens([])).rejects.toThrow(EngineError);
    await expect(engine.countTokens([])).rejects.toThrow('The engine broke down.');
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
