import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';

import { convert, type NamedFiles } from '#libs/model-package';
import { readTrainingConfig, type TrainingConfig } from '#libs/training';

import { tinyReference, tinySources } from '../support/tiny-reference.js';

const captions = ['a red apple', 'a cat', 'a cat next to a red apple', 'two red apples on a white table'];

/** The tiny reference model as a package, a dataset of its two images, and a place for runs. */
export class TinyTraining {
  private constructor(readonly folder: string) {}

  static async prepare(): Promise<TinyTraining> {
    const folder = await mkdtemp(join(tmpdir(), 'training-'));
    const training = new TinyTraining(folder);
    await convert({ sources: tinySources, out: training.path('package'), quantization: { kind: 'none' } });
    await mkdir(training.path('data/image'), { recursive: true });
    for (const id of captions.keys()) {
      const image = id % 2 === 0 ? 'scene' : 'portrait';
      await copyFile(join(tinyReference, `${image}.png`), training.path(`data/image/${id}.jpg`));
    }
    await training.writeCaptions(captions.length);
    return training;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Captions for images 0 to `count - 1`. */
  async writeCaptions(count: number): Promise<void> {
    const annotations = Array.from({ length: count }, (_, id) => ({
      image_id: String(id),
      caption: captions[id % captions.length],
    }));
    await writeFile(this.path('data/filter_cap.json'), JSON.stringify({ annotations }));
  }

  /** A stage-1 configuration file, with other settings than these where they are given. */
  async configFile(settings: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const path = this.path(`config-${Math.random().toString(36).slice(2)}.yaml`);
    const defaults = {
      model: this.path('package'),
      start: 'random',
      data: { layout: 'cc_sbu_align', folder: this.path('data') },
      endSymbol: '\n',
      maxTokens: 32,
      batch: 4,
      epochs: 2,
      stepsPerEpoch: 5,
      learningRate: { warmup: 1e-6, initial: 1e-2, minimum: 1e-3, warmupSteps: 2 },
    };
    await writeFile(path, stringify({ ...defaults, ...settings }));
    return path;
  }

  async config(settings: Readonly<Record<string, unknown>> = {}): Promise<TrainingConfig> {
    return readTrainingConfig('stage1', await this.configFile(settings));
  }

  /** The trained weights of a run, as the bytes of its checkpoint in the original's layout. */
  trained(run: string): Promise<Buffer> {
    return readFile(this.path(`${run}/projection.pth`));
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}

/** The published files the tiny model is made from, with a trained projection in place of its own. */
export const sourcesWith = (trained: Partial<NamedFiles>): NamedFiles => ({ ...tinySources, ...trained });
