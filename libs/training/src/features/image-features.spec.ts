import { UnreadableImageError } from '#libs/images';

import { Random } from '../random.js';
import { ImageFeatures } from './image-features.js';

const sample = (name: string, draw = 0) =>
  ({ key: name, image: new TextEncoder().encode(name), draw }) as never as Parameters<
    ImageFeatures['of']
  >[0][number];
const nameOf = (image: Uint8Array) => new TextDecoder().decode(image);

/** Features of images, which are their names here; those known have been seen before. */
function features(known: readonly string[] | null = []) {
  const groups: string[][] = [];
  const seeds: number[] = [];
  const skipped: unknown[] = [];
  const kept: string[] = [];
  const closed: string[] = [];
  const made = new ImageFeatures(
    {
      encode: async (images: readonly unknown[]) => {
        groups.push([...(images as string[])]);
        return images.map((image) => `features of ${image}`);
      },
      close: async () => void closed.push('encoder'),
    } as never,
    {
      apply: async (image: Uint8Array, seed: number) => {
        seeds.push(seed);
        if (nameOf(image) === 'broken') throw new UnreadableImageError({ kind: 'damaged' } as never);
        if (nameOf(image) === 'crash') throw new Error('crash');
        return nameOf(image);
      },
    } as never,
    known &&
      ({
        get: async (image: Uint8Array) =>
          known.includes(nameOf(image)) ? `known ${nameOf(image)}` : undefined,
        set: async (image: Uint8Array) => void kept.push(nameOf(image)),
        close: async () => void closed.push('cache'),
      } as never),
    42,
    (what) => skipped.push(what),
  );
  return { made, groups, seeds, skipped, kept, closed };
}

describe('the features of images', () => {
  it('come in the order of the samples, from the cache where they are known', async () => {
    const { made, groups, kept } = features(['b']);
    const seen = await made.of(['a', 'b', 'c'].map((name) => sample(name)));
    expect(seen.map((one) => [one.sample.key, one.features])).toEqual([
      ['a', 'features of a'],
      ['b', 'known b'],
      ['c', 'features of c'],
    ]);
    expect([groups, kept]).toEqual([[['a', 'c']], ['a', 'c']]);
  });

  it('are computed sixteen images at once', async () => {
    const { made, groups } = features(null);
    const seen = await made.of(Array.from({ length: 33 }, (_, index) => sample(`${index}`)));
    expect(groups.map(({ length }) => length)).toEqual([16, 16, 1]);
    expect(seen.map((one) => one.features as unknown)).toEqual(
      Array.from({ length: 33 }, (_, index) => `features of ${index}`),
    );
  });

  it('are left out for an image that cannot be read, which is told; another failure is one', async () => {
    const { made, skipped } = features();
    const seen = await made.of([sample('broken'), sample('a')]);
    expect(seen.map((one) => one.sample.key)).toEqual(['a']);
    expect(skipped).toEqual([{ key: 'broken', reason: expect.any(String) }]);
    await expect(made.of([sample('crash')])).rejects.toThrow('crash');
  });

  it('are of a transform drawn by the seed and the draw', async () => {
    const { made, seeds } = features();
    await made.of([sample('a', 3), sample('b', 4)]);
    expect(seeds).toEqual([3, 4].map((draw) => new Random(42, 'image transform', draw).below(2 ** 32)));
  });

  it('end with their encoder and cache', async () => {
    const { made, closed } = features();
    await made.close();
    expect(closed).toEqual(['encoder', 'cache']);
    const { made: without, closed: alone } = features(null);
    await without.close();
    expect(alone).toEqual(['encoder']);
  });
});
