import { ask, bat, nano, replyOf } from '../../../test/support/nano-engine.js';
import { DeviceUnavailableError, EngineClosedError, EngineError, ModelPackageError } from './errors.js';
import { startEngine } from './start-engine.js';

describe('startEngine', () => {
  it.each(['cuda', 'webgpu'] as const)('refuses the device "%s" and takes no other', async (device) => {
    await expect(startEngine({ ...nano, device })).rejects.toThrow(DeviceUnavailableError);
  });

  it('refuses a folder that is no model package', async () => {
    await expect(startEngine({ ...nano, modelPath: import.meta.dirname })).rejects.toThrow(ModelPackageError);
  });

  it('refuses a context beyond the model and a memory too small for one', async () => {
    await expect(startEngine({ ...nano, contextLength: 4096 })).rejects.toThrow(/made for 2048/);
    await expect(startEngine({ ...nano, keyValueCacheBytes: 1000 })).rejects.toThrow(EngineError);
  });

  it('ends what is running when it is closed', async () => {
    const engine = await startEngine(nano);
    const running = replyOf(engine.generate(ask('Describe this image in detail.', [bat])));
    const outcome = expect(running).rejects.toThrow(EngineClosedError);
    await engine.close();
    await outcome;
    await expect(engine.countTokens([{ kind: 'text', text: 'x' }])).rejects.toThrow(EngineClosedError);
  });
});
