import { Graph, type WeightCatalog } from '#libs/graph';

import { minigpt4With7b } from '../../../test/support/minigpt4-7b.js';
import { fusedKernels } from './kernels.js';
import { Parameters } from './parameters.js';
import { qFormer } from './q-former.js';
import { visionNorm, vit } from './vit.js';
import { packageWeights } from './weights/index.js';

/** Where weights would lie; nothing is read. */
function catalogOf(architecture: typeof minigpt4With7b): WeightCatalog {
  const shapes = new Map(packageWeights(architecture).map(({ name, shape }) => [name, shape]));
  return {
    has: (name) => shapes.has(name),
    get: (name) => {
      const shape = shapes.get(name);
      if (!shape) throw new Error(`There is no weight ${name}.`);
      return { file: 'weights.safetensors', offset: 0, length: 0, dataType: 'float32', shape };
    },
  };
}

describe('the norms of the image encoder', () => {
  it("divide each by its own part's epsilon: the ViT's, that after it, the Q-Former's", () => {
    const { vision, qFormer: queries } = minigpt4With7b;
    const graph = new Graph();
    const parameters = new Parameters(graph, catalogOf(minigpt4With7b));
    const { imageSize } = vision;
    const pixels = graph.input('pixel_values', 'float32', ['images', 3, imageSize, imageSize]);
    const features = vit(parameters, vision, fusedKernels, pixels);
    qFormer(parameters, queries!, fusedKernels, visionNorm(parameters, vision, features));

    const epsilons = new Map<string, unknown[]>();
    for (const { operator, inputs, attributes } of graph.nodes) {
      if (operator !== 'LayerNormalization') continue;
      const part = inputs[1]!.name.split('.')[0]!;
      epsilons.set(part, [...(epsilons.get(part) ?? []), attributes.epsilon]);
    }
    expect(Object.fromEntries(epsilons)).toEqual({
      vit: Array(39 * 2).fill({ float: 1e-6 }),
      ln_vision: [{ float: 1e-5 }],
      // After the queries, and after self-attention and the MLP of each of 12 layers, cross-attention in 6 of them.
      q_former: Array(1 + 12 * 2 + 6).fill({ float: 1e-12 }),
    });
  });
});
