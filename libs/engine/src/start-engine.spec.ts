import { cpSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ask, bat, nano, replyOf } from '../../../test/support/nano-engine.js';
import { EngineError } from './errors.js';
import { startEngine } from './start-engine.js';

describe('startEngine', () => {
  it.each(['cuda', 'webgpu'] as const)('refuses the device "%s" and takes no other', async (device) => {
    await expect(startEngine({ ...nano, device })).rejects.toThrow(
      expect.objectContaining({ code: 'device-unavailable' }),
    );
  });

  it('refuses a folder that is no model package', async () => {
    await expect(startEngine({ ...nano, modelPath: import.meta.dirname })).rejects.toThrow(
      expect.objectContaining({ code: 'model-package' }),
    );
  });

  it('refuses a context beyond the model and a memory too small for one', async () => {
    await expect(startEngine({ ...nano, contextLength: 4096 })).rejects.toThrow(/made for 2048/);
    await expect(startEngine({ ...nano, keyValueCacheBytes: 1000 })).rejects.toThrow(EngineError);
  });

  it('ends what is running when it is closed', async () => {
    const engine = await startEngine(nano);
    const running = replyOf(engine.generate(ask('Describe this image in detail.', [bat])));
    const outcome = expect(running).rejects.toThrow(expect.objectContaining({ code: 'closed' }));
    await engine.close();
    await outcome;
    await expect(engine.countTokens([{ kind: 'text', text: 'x' }])).rejects.toThrow(
      expect.objectContaining({ code: 'closed' }),
    );
  });

  it('breaks down with a sentence when a file of the model is cut while it answers', async () => {
    const modelPath = mkdtempSync(join(tmpdir(), 'cut-model-'));
    const projection = join(modelPath, 'projection.safetensors');
    cpSync(nano.modelPath, modelPath, { recursive: true });
    const breakdowns: EngineError[] = [];
    const engine = await startEngine(
      { ...nano, modelPath },
      { onBreakdown: (error) => breakdowns.push(error) },
    );
    // Within its last page, so that reading it would be no fault in itself.
    truncateSync(projection, statSync(projection).size - 4);
    await expect(replyOf(engine.generate(ask('What is this?', [bat])))).rejects.toThrow(EngineError);
    expect(breakdowns).toEqual([
      expect.objectContaining({
        cause: expect.objectContaining({ message: expect.stringContaining(`${projection} was cut to`) }),
      }),
    ]);
    rmSync(modelPath, { recursive: true });
  });
});
