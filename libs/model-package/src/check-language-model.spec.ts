import type { ArchitectureConfig } from '#libs/minigpt4';

import { minigpt4With7b } from '../../../test/support/minigpt4-7b.js';
import { refuseLaterVicuna } from './check-language-model.js';

/** MiniGPT-4 with a language model of LLaMA's 7B shape. */
function architecture(decoder: Partial<ArchitectureConfig['decoder']> = {}): ArchitectureConfig {
  return { ...minigpt4With7b, decoder: { ...minigpt4With7b.decoder, ...decoder } };
}

describe('of all Vicunas of the same shape', () => {
  it('version 0 is taken, with its row for padding', () => {
    expect(() => refuseLaterVicuna(architecture(), { _name_or_path: 'vicuna-7b' })).not.toThrow();
  });

  it.each<[string, Partial<ArchitectureConfig['decoder']>, object, RegExp]>([
    [
      '1.1 is known by its missing row',
      { vocabulary: 32000 },
      {},
      /table has 32000 rows, and v0 has one more/,
    ],
    [
      '1.3 is known by its name',
      {},
      { _name_or_path: 'lmsys/vicuna-7b-v1.3' },
      /calls it "lmsys\/vicuna-7b-v1\.3"/,
    ],
    [
      '1.5 is known by its Llama 2',
      { vocabulary: 32000, contextLength: 4096, rmsNormEpsilon: 1e-5 },
      {},
      /those of Llama 2, on which Vicuna v1\.5 is built/,
    ],
  ])('%s', (_, decoder, config, reason) => {
    const attempt = () => refuseLaterVicuna(architecture(decoder), config);
    expect(attempt).toThrow(reason);
    expect(attempt).toThrow(/not Vicuna v0.+garbled text.+add --any-llm/);
  });

  it('every one is taken where there is no Q-Former, since the Llama-2 family has its own projection', () => {
    const llama2 = { ...architecture({ vocabulary: 32000 }), qFormer: null };
    expect(() => refuseLaterVicuna(llama2, {})).not.toThrow();
  });
});
