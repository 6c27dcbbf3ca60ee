import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FeatureCache } from './feature-cache.js';

const image = (name: string) => Buffer.from(name);
const features = (start: number) => Float32Array.of(start, start + 1, start + 2);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'features-'));
});
afterEach(() => rm(folder, { recursive: true }));

const openCache = (identity: readonly unknown[] = ['encoder']) => FeatureCache.open(folder, identity, 3);

describe('a feature cache', () => {
  it('keeps the features of an image from run to run', async () => {
    const first = await openCache();
    expect(await first.get(image('cat'))).toBeUndefined();
    await first.set(image('cat'), features(1));
    await first.set(image('dog'), features(5));
    expect(await first.get(image('cat'))).toEqual(features(1));
    await first.close();

    const second = await openCache();
    expect(await second.get(image('dog'))).toEqual(features(5));
    await second.close();
  });

  it('is shared by runs at the same time', async () => {
    const [one, other] = [await openCache(), await openCache()];
    await one.set(image('cat'), features(1));
    await other.set(image('dog'), features(2));
    await one.set(image('bee'), features(3));
    expect(await one.get(image('dog'))).toEqual(features(2));
    expect(await other.get(image('bee'))).toEqual(features(3));
    await one.close();
    await other.close();
  });

  it('does not mix what different encoders see', async () => {
    const [one, other] = [await openCache(['one']), await openCache(['other'])];
    await one.set(image('cat'), features(1));
    expect(await other.get(image('cat'))).toBeUndefined();
    await one.close();
    await other.close();
  });

  it('forgets a record that was broken off', async () => {
    const first = await openCache();
    await first.set(image('cat'), features(1));
    await first.close();
    const [file] = await readdir(folder);
    await appendFile(join(folder, file!), Buffer.alloc(20));

    const second = await openCache();
    await second.set(image('dog'), features(2));
    expect(await second.get(image('cat'))).toEqual(features(1));
    expect(await second.get(image('dog'))).toEqual(features(2));
    await second.close();
  });
});
