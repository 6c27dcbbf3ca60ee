import { CodedError } from '#libs/errors';
import type { Tokenizer } from '#libs/tokenizer';

import { type SampleStream, type StreamPosition } from '../data/dataset.js';
import type { ImageFeatures } from '../features/image-features.js';
import { Random } from '../random.js';
import { IMAGE_PLACEHOLDER, textSequence } from '../text-sequences.js';
import type { Example } from '../training-step.js';
import type { TrainingConfig } from './training-config.js';

/** Samples drawn for one batch, many times over, before the dataset is given up. */
const MOST_ATTEMPTS = 100;

/** Batches of examples, made from a dataset's samples. */
export class ExampleSource {
  constructor(
    private readonly config: TrainingConfig,
    private readonly stream: SampleStream,
    private readonly features: ImageFeatures,
    private readonly tokenizer: Tokenizer,
  ) {}

  /**
   * The next batch. Samples whose image cannot be read are replaced by the ones that follow.
   * @param step determines the prompt, which all of a batch share
   * @throws CodedError `dataset` when hardly any image can be read
   */
  async next(step: number): Promise<Example[]> {
    const { batch } = this.config;
    const prompt = this.promptOf(step);
    const examples: Example[] = [];
    for (let attempt = 0; examples.length < batch; attempt++) {
      if (attempt === MOST_ATTEMPTS)
        throw new CodedError('dataset', 'Hardly any image of the dataset can be read.');
      const samples = [];
      while (samples.length < batch - examples.length) samples.push(await this.stream.next());
      for (const { sample, features } of await this.features.of(samples)) {
        const sequence = textSequence(this.tokenizer, prompt, sample.caption, this.config);
        examples.push({ key: sample.key, features, sequence });
      }
    }
    return examples;
  }

  position(): StreamPosition {
    return this.stream.position();
  }

  async close(): Promise<void> {
    await this.stream.close();
    await this.features.close();
  }

  /** One of the prompts by chance, as the original draws one for each batch (MiniGPT-4, minigpt_base.py). */
  private promptOf(step: number): string {
    if (this.config.stage === 'stage1') return '';
    const { prompts, template, seed } = this.config;
    const prompt = prompts[new Random(seed, 'prompt', step).below(prompts.length)]!;
    const shown = template.includes(IMAGE_PLACEHOLDER) ? prompt : `<Img>${IMAGE_PLACEHOLDER}</Img> ${prompt}`;
    return template.replace('{}', () => shown);
  }
}
