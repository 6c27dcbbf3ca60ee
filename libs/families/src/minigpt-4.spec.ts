import {
  architectureConfig,
  checkSourceTensors,
  originalLayout,
  type PackageWeight,
  type PublishedCheckpoints,
  type PublishedLayout,
  packageWeights,
  sourceTensors,
} from '#libs/minigpt4';

import { minigpt4With7b as minigpt4 } from '../../../test/support/minigpt4-7b.js';
import type { ArchitectureHints } from './architecture-hints.js';
import { miniGpt4 } from './minigpt-4.js';

const read = (checkpoints: PublishedCheckpoints, hints: ArchitectureHints = {}) =>
  miniGpt4.read(checkpoints, hints);

const vicunaConfig = {
  model_type: 'llama',
  hidden_size: 4096,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  intermediate_size: 11008,
  max_position_embeddings: 2048,
  rms_norm_eps: 1e-6,
  vocab_size: 32000,
};

type Shapes = Map<string, readonly number[]>;

/** The checkpoints that the weights would be made from, shapes only. */
function publish(
  weights: readonly PackageWeight[],
  llmConfig: unknown,
): Record<'vit' | 'qFormer' | 'projection' | 'llm', Shapes> & PublishedCheckpoints {
  const checkpoints = { vit: new Map(), qFormer: new Map(), projection: new Map(), llm: new Map() } as Record<
    'vit' | 'qFormer' | 'projection' | 'llm',
    Shapes
  >;
  for (const { checkpoint, name, shape } of weights.flatMap(sourceTensors))
    checkpoints[checkpoint].set(name, shape);
  return { ...checkpoints, settings: { llm: { config: llmConfig } } };
}

/** As the original files: the ViT has one block more than is used. */
function publishOriginal() {
  const withSpareBlock = { ...minigpt4, vision: { ...minigpt4.vision, depth: 40 } };
  return publish(packageWeights(withSpareBlock), vicunaConfig);
}

describe('MiniGPT-4', () => {
  it('reads the published MiniGPT-4 and leaves out the last block of the ViT', () => {
    const { architecture, layout, notices } = read(publishOriginal());
    expect(architecture).toEqual(minigpt4);
    expect(layout).toEqual(originalLayout);
    expect(notices).toEqual([]);
  });

  it("reads Hugging Face's BLIP-2, whose ViT has only the blocks in use", () => {
    const layout: PublishedLayout = { ...originalLayout, vision: 'hugging-face' };
    const checkpoints = publish(packageWeights(minigpt4, layout), vicunaConfig);
    expect(read(checkpoints)).toMatchObject({ architecture: minigpt4, layout });
  });

  it('makes a model without Q-Former when none is given, as the Llama-2 family is', () => {
    const family = architectureConfig.parse({
      ...minigpt4,
      qFormer: null,
      projection: { widths: [5632, 4096], patchesPerToken: 4 },
    });
    const layout: PublishedLayout = { ...originalLayout, visionNorm: 'identity' };
    const withSpareBlock = { ...family, vision: { ...family.vision, depth: 40 } };
    const checkpoints = { ...publish(packageWeights(withSpareBlock, layout), vicunaConfig), qFormer: null };
    expect(read(checkpoints)).toMatchObject({ architecture: family, layout });
  });

  it('reads a projection of three layers', () => {
    const checkpoints = publishOriginal();
    checkpoints.projection.clear();
    for (const [layer, shape] of [
      [4096, 768],
      [4096, 4096],
      [4096, 4096],
    ].entries()) {
      checkpoints.projection.set(`llama_proj.${layer}.weight`, shape);
    }
    expect(read(checkpoints).architecture.projection.widths).toEqual([768, 4096, 4096, 4096]);
  });

  it('names both shapes when the 13B projection meets the 7B model', () => {
    const checkpoints = publishOriginal();
    checkpoints.projection.set('llama_proj.weight', [5120, 768]);
    const attempt = () => read(checkpoints);
    expect(attempt).toThrow(expect.objectContaining({ code: 'checkpoint-mismatch' }));
    expect(attempt).toThrow('[5120, 768]');
    expect(attempt).toThrow('[32001, 4096]');
  });

  it('asks for the Q-Former where the projection was trained on one', () => {
    const attempt = () => read({ ...publishOriginal(), qFormer: null });
    expect(attempt).toThrow(/\[4096, 768\].+ViT makes vectors of 1408.+name its file with --qformer/);
  });

  it('says which file is not what it should be', () => {
    const { qFormer } = publishOriginal();
    expect(() => read({ ...publishOriginal(), vit: qFormer })).toThrow(
      'The ViT checkpoint has no tensor "pos_embed"',
    );
  });

  it('refuses a language model with another architecture', () => {
    const checkpoints = {
      ...publishOriginal(),
      settings: { llm: { config: { ...vicunaConfig, model_type: 'opt' } } },
    };
    expect(() => read(checkpoints)).toThrow(
      'model_type: it is "opt", but only language models of the type "llama" can be read.',
    );
  });

  it('finds a tensor of the wrong shape before anything is converted', () => {
    const checkpoints = publishOriginal();
    checkpoints.llm.set('model.layers.3.mlp.up_proj.weight', [13824, 5120]);
    expect(() => checkSourceTensors(packageWeights(minigpt4), checkpoints)).toThrow(
      /model.layers.3.mlp.up_proj.weight.*\[13824, 5120\].*\[11008, 4096\]/,
    );
  });
});

describe('the number of attention heads', () => {
  it('is taken from a description where there is one', () => {
    const hints = { vit: { heads: 8 }, qformer: { heads: 6 } };
    const { architecture } = read(publishOriginal(), hints);
    expect([architecture.vision.heads, architecture.qFormer?.heads]).toEqual([8, 6]);
  });
});

it('leaves out as many blocks of the ViT as a description says', () => {
  const { architecture } = read(publishOriginal(), { vit: { depth_used: 38 } });
  expect(architecture.vision.depth).toBe(38);
});
