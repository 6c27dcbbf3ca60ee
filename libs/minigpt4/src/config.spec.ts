import { architectureConfig, requireLlama, tokensPerImage } from './config.js';

const sizes = {
  hidden: 64,
  layers: 2,
  heads: 4,
  keyValueHeads: 4,
  intermediate: 128,
  vocabulary: 100,
  contextLength: 512,
};
const given = {
  vision: { imageSize: 224, patchSize: 14, width: 32, depth: 2, heads: 2, mlpWidth: 64 },
  qFormer: { hidden: 48, layers: 2, heads: 4, intermediate: 96, queries: 32, crossAttentionEvery: 2 },
  projection: { widths: [48, 64] },
  decoder: { ...sizes, rmsNormEpsilon: 1e-6 },
};

describe('an architecture', () => {
  it("is by default, in all that its files do not say, the published model's", () => {
    const { vision, qFormer, projection, decoder } = architectureConfig.parse(given);
    expect(vision).toMatchObject({
      resizing: 'stretch',
      activation: 'gelu',
      inputNorm: false,
      layerNormEpsilon: 1e-6,
      outputLayerNormEpsilon: 1e-5,
    });
    expect(qFormer).toMatchObject({ layerNormEpsilon: 1e-12 });
    expect(projection).toMatchObject({ patchesPerToken: 1, activation: 'none' });
    expect(decoder).toMatchObject({ ropeBase: 10_000 });
  });

  it("is with an OPT by default, in its norms, OPT's", () => {
    const opt = architectureConfig.parse({ ...given, decoder: { kind: 'opt', ...sizes } });
    expect(opt.decoder).toMatchObject({ layerNormEpsilon: 1e-5 });
    expect(() => requireLlama(opt.decoder)).toThrow('the model has an OPT');
  });

  it.each([0, -1, 1.5])('has no part of the size %d', (hidden) => {
    const decoder = { ...given.decoder, hidden };
    expect(architectureConfig.safeParse({ ...given, decoder }).success).toBe(false);
  });

  it.each([0, -1e-6, 0.01])('has no norm with the epsilon %d', (rmsNormEpsilon) => {
    const decoder = { ...given.decoder, rmsNormEpsilon };
    expect(architectureConfig.safeParse({ ...given, decoder }).success).toBe(false);
  });

  it('gives an image the tokens of the queries, or of its patches where there are none', () => {
    expect(tokensPerImage(architectureConfig.parse(given))).toBe(32);
    const joined = { qFormer: null, projection: { widths: [128, 64], patchesPerToken: 4 } };
    expect(tokensPerImage(architectureConfig.parse({ ...given, ...joined }))).toBe(64);
  });
});
