import { type ArchitectureConfig, type LlamaConfig, requireLlama } from '#libs/minigpt4';

import { minigpt4With7b } from '../../../test/support/minigpt4-7b.js';
import { refuseWrongLanguageModel } from './language-model-of-minigpt-4.js';

/** MiniGPT-4 with a language model of LLaMA's 7B shape. */
function architecture(decoder: Partial<LlamaConfig> = {}): ArchitectureConfig {
  return { ...minigpt4With7b, decoder: { ...requireLlama(minigpt4With7b.decoder), ...decoder } };
}

describe('of all Vicunas of the same shape', () => {
  it('version 0 is taken, with its row for padding', () => {
    expect(() => refuseWrongLanguageModel(architecture(), { _name_or_path: 'vicuna-7b' })).not.toThrow();
  });

  it.each<[string, Partial<LlamaConfig>, object, RegExp]>([
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
    const attempt = () => refuseWrongLanguageModel(architecture(decoder), config);
    expect(attempt).toThrow(reason);
    expect(attempt).toThrow(/not Vicuna v0.+garbled text.+add --any-llm/);
  });
});

describe('where there is no Q-Former', () => {
  const withoutQFormer = (vocabulary: number) => ({ ...architecture({ vocabulary }), qFormer: null });

  it('Llama 2 is taken, which has no row for padding', () => {
    const config = { _name_or_path: 'meta-llama/Llama-2-7b-chat-hf' };
    expect(() => refuseWrongLanguageModel(withoutQFormer(32000), config)).not.toThrow();
  });

  it.each([
    ['its row for padding', 32001, {}],
    ['its name', 32000, { _name_or_path: 'lmsys/vicuna-7b-v1.5' }],
  ])('Vicuna is refused, known by %s', (_, vocabulary, config) => {
    expect(() => refuseWrongLanguageModel(withoutQFormer(vocabulary), config)).toThrow(
      /This language model is Vicuna.+Llama-2-7b-chat-hf.+add --any-llm/,
    );
  });
});
