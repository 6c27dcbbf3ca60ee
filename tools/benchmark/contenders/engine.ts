import { greedyTextModel, randomPicture } from '#libs/benchmark';
import { type Engine, startEngine } from '#libs/engine';

import type { Reading } from '../exercises.js';
import type { Contender, ContenderSpec } from './contender.js';
import { textContender } from './text-contender.js';

/** This project's engine, entered as the server enters it. */
export async function loadEngineContender(
  spec: Extract<ContenderSpec, { kind: 'engine' }>,
): Promise<Contender> {
  const { folder: modelPath, device, threads, slots, contextLength, keyValueCacheBytes } = spec;
  const settings = { modelPath, device, threads, slots, contextLength, keyValueCacheBytes };
  const engine = await startEngine({ ...settings, warmUp: true });
  const text = textContender(greedyTextModel(engine), spec.vocabulary, () => engine.close());
  return {
    perform: (exercise) => (exercise.kind === 'encode-image' ? encodeImage(engine) : text.perform(exercise)),
    close: text.close,
  };
}

async function encodeImage(engine: Engine): Promise<Reading[]> {
  const picture = await randomPicture();
  const startedAt = performance.now();
  await engine.encodeImage(picture);
  const seconds = (performance.now() - startedAt) / 1000;
  return [{ name: 'image encode', unit: 's', value: seconds }];
}
