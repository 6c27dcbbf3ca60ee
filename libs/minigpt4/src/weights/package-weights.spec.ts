import { minigpt4With7b as minigpt4 } from '../../../../test/support/minigpt4-7b.js';
import { likelyHeads } from './attention-heads.js';
import { storedTensors } from './package-weight.js';
import { packageWeights } from './package-weights.js';

describe('the number of attention heads', () => {
  it.each([
    ['EVA-CLIP ViT-g', 1408, 16],
    ['the Q-Former', 768, 12],
    ['the nano model', 192, 6],
    ['the reference ViT', 64, 4],
    ['the reference Q-Former', 48, 4],
  ])('of %s, width %d, is %d', (_, width, heads) => {
    expect(likelyHeads(width).heads).toBe(heads);
  });
});

describe('packageWeights', () => {
  it('counts the parameters of the published model', () => {
    const count = (prefix: string) =>
      packageWeights(minigpt4)
        .filter(({ name }) => name.startsWith(prefix))
        .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
    // The key bias, which EVA does not have, is stored as zeros: 39 blocks of 1408 numbers more.
    expect(count('vit.')).toBe(985_894_528 + 39 * 1408);
    expect(count('q_former.')).toBe(105_137_664 + 24_576);
    expect(count('projection.')).toBe(3_149_824);
    expect(count('decoder.')).toBe(6_738_423_808);
  });

  it('stores a quantised matrix as integers and scales', () => {
    const down = packageWeights(minigpt4).find(({ name }) => name === 'decoder.layers.0.mlp.down.weight')!;
    expect(storedTensors(down, { kind: 'int4', blockSize: 128 })).toEqual([
      { name: 'decoder.layers.0.mlp.down.weight.quantized', dataType: 'uint8', shape: [4096, 86, 64] },
      { name: 'decoder.layers.0.mlp.down.weight.scales', dataType: 'float32', shape: [4096, 86] },
    ]);
    expect(storedTensors(down, { kind: 'int8' })).toEqual([
      { name: 'decoder.layers.0.mlp.down.weight.rotated', dataType: 'int8', shape: [11_008, 4096] },
      { name: 'decoder.layers.0.mlp.down.weight.scales', dataType: 'float32', shape: [4096] },
    ]);
  });
});
