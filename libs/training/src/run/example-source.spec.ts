import { readFileSync } from 'node:fs';

import { Tokenizer } from '#libs/tokenizer';

import type { SampleStream, TrainingSample } from '../data/dataset.js';
import type { ImageFeatures } from '../features/image-features.js';
import { ExampleSource } from './example-source.js';
import type { TrainingConfig } from './training-config.js';

const tokenizer = Tokenizer.fromJson(JSON.parse(readFileSync('models/nano/tokenizer.json', 'utf8')));
const prompts = ['What is this?', 'Describe it.', 'What do you see?', 'Tell me more.'];

const config = (settings: Partial<TrainingConfig> = {}) =>
  ({
    stage: 'stage2',
    batch: 3,
    prompts,
    template: '###Human: {} ###Assistant: ',
    endSymbol: '###',
    maxTokens: 20,
    seed: 42,
    ...settings,
  }) as TrainingConfig;

/** Numbered samples without end; every picture of which `unreadable` says so has no features. */
function source(settings: Partial<TrainingConfig> = {}, unreadable: (draw: number) => boolean = () => false) {
  let draw = 0;
  const stream: SampleStream = {
    next: async () => ({ key: `sample ${draw}`, image: Buffer.from(''), caption: 'A cat.', draw: draw++ }),
    position: () => draw,
    close: async () => {},
  };
  const features: Pick<ImageFeatures, 'of' | 'close'> = {
    of: async (samples: readonly TrainingSample[]) =>
      samples
        .filter((sample) => !unreadable(sample.draw))
        .map((sample) => ({ sample, features: new Float32Array(1) })),
    close: async () => {},
  };
  return new ExampleSource(config(settings), stream, features as ImageFeatures, tokenizer);
}

/** The prompts of the first steps, as text. */
async function promptsOf(examples: ExampleSource, steps: number): Promise<string[]> {
  const texts: string[] = [];
  for (let step = 0; step < steps; step++) {
    const batch = await examples.next(step);
    const ofBatch = new Set(batch.map(({ sequence }) => tokenizer.decode(sequence.between)));
    expect(ofBatch.size).toBe(1);
    texts.push([...ofBatch][0]!);
  }
  return texts;
}

describe('batches of stage 2', () => {
  it('share one prompt each, drawn anew for every step, and all prompts come', async () => {
    const texts = await promptsOf(source(), 40);
    expect(new Set(texts)).toEqual(new Set(prompts.map((prompt) => `</Img> ${prompt} ###Assistant:`)));
    for (const prompt of prompts)
      expect(texts.filter((text) => text.includes(prompt)).length).toBeLessThan(20);
  });

  it('have the image where the template says', async () => {
    const template = 'USER: <ImageHere>\n{} ASSISTANT:';
    const [example] = await source({ template, prompts: ['What is this?'] } as Partial<TrainingConfig>).next(
      0,
    );
    const { before, between } = example!.sequence;
    expect([before, between].map((ids) => tokenizer.decode(ids))).toEqual([
      'USER:',
      '\nWhat is this? ASSISTANT:',
    ]);
  });

  it('have prompts that only the seed and the step determine, so that a resumed run draws the same', async () => {
    const texts = await promptsOf(source(), 10);
    const [resumed] = await source().next(7);
    expect(tokenizer.decode(resumed!.sequence.between)).toBe(texts[7]);
    expect(await promptsOf(source({ seed: 43 }), 10)).not.toEqual(texts);
  });
});

describe('batches', () => {
  it('of stage 1 have no prompt', async () => {
    const [example] = await source({ stage: 'stage1' }).next(0);
    expect(example!.sequence).toMatchObject({ before: [tokenizer.beginOfSequence], between: [] });
  });

  it('are full although some images cannot be read', async () => {
    const batch = await source({}, (draw) => draw % 2 === 1).next(0);
    expect(batch.map(({ key }) => key)).toEqual(['sample 0', 'sample 2', 'sample 4']);
  });

  it('are given up where hardly any image can be read', async () => {
    await expect(source({}, () => true).next(0)).rejects.toThrow('Hardly any image');
  });
});
