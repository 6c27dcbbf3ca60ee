import { engineOptions } from './engine-options.js';
import { requireExactPromptLookup } from './require-exact-prompt-lookup.js';

const settings = engineOptions.parse({ modelPath: 'models/nano', device: 'cpu', promptLookupTokens: 4 });

describe('prompt lookup', () => {
  it('is refused for a quantised decoder', () => {
    const int4 = { kind: 'int4', blockSize: 32 } as const;
    expect(() => requireExactPromptLookup(settings, int4, 'float32')).toThrow('could change replies');
    const off = { ...settings, promptLookupTokens: 0 };
    expect(() => requireExactPromptLookup(off, int4, 'float32')).not.toThrow();
  });

  it('is refused on another device than the processor', () => {
    const onDevice = { ...settings, device: 'webgpu' } as const;
    expect(() => requireExactPromptLookup(onDevice, { kind: 'none' }, 'float32')).toThrow(
      'for the device "cpu"',
    );
  });
});
