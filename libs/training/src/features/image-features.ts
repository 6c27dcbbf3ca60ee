import { UnreadableImageError } from '#libs/images';

import type { ImageTransform, SkippedSample, TrainingSample } from '../data/dataset.js';
import { Random } from '../random.js';
import type { FeatureCache } from './feature-cache.js';
import type { FeatureEncoder } from './feature-encoder.js';

/** Images that go through the frozen encoder together; more at once gain nothing on a processor. */
const IMAGES_AT_ONCE = 16;

export interface SeenSample {
  readonly sample: TrainingSample;
  readonly features: Float32Array;
}

/** Looks at the images of samples, through a cache where there is one. */
export class ImageFeatures {
  constructor(
    private readonly encoder: FeatureEncoder,
    private readonly transform: ImageTransform,
    /** Null where the transform is random, or no cache is wanted. */
    private readonly cache: FeatureCache | null,
    private readonly seed: number,
    private readonly onSkipped: (sample: SkippedSample) => void,
  ) {}

  /** The samples with their features, without those whose image cannot be read. */
  async of(samples: readonly TrainingSample[]): Promise<SeenSample[]> {
    const seen = new Map<TrainingSample, Float32Array>();
    const unseen: { readonly sample: TrainingSample; readonly pixels: Float32Array }[] = [];
    for (const sample of samples) {
      const known = await this.cache?.get(sample.image);
      if (known) seen.set(sample, known);
      else unseen.push(...(await this.prepare(sample)));
    }
    for (let start = 0; start < unseen.length; start += IMAGES_AT_ONCE) {
      const group = unseen.slice(start, start + IMAGES_AT_ONCE);
      const features = await this.encoder.encode(group.map(({ pixels }) => pixels));
      for (const [index, { sample }] of group.entries()) {
        seen.set(sample, features[index]!);
        await this.cache?.set(sample.image, features[index]!);
      }
    }
    return samples.flatMap((sample) => {
      const features = seen.get(sample);
      return features ? [{ sample, features }] : [];
    });
  }

  async close(): Promise<void> {
    await this.encoder.close();
    await this.cache?.close();
  }

  /** Random transforms differ from draw to draw, and not from run to run. */
  private seedOf({ draw }: TrainingSample): number {
    return new Random(this.seed, 'image transform', draw).below(2 ** 32);
  }

  private async prepare(sample: TrainingSample) {
    try {
      return [{ sample, pixels: await this.transform.apply(sample.image, this.seedOf(sample)) }];
    } catch (error) {
      if (!(error instanceof UnreadableImageError)) throw error;
      this.onSkipped({ key: sample.key, reason: error.message });
      return [];
    }
  }
}
