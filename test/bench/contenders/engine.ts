import { engineTextModel, RandomPrompts, randomPicture } from '#libs/benchmark';
import { type Engine, startEngine } from '#libs/engine';

import { type Reading, TextExercises } from '../exercises.js';
import type { Contender, ContenderSpec } from './contender.js';

/** This project's engine, entered as the server enters it. */
export async function loadEngineContender(
  spec: Extract<ContenderSpec, { kind: 'engine' }>,
): Promise<Contender> {
  const { folder: modelPath, device, threads, slots, keyValueCacheBytes } = spec;
  const engine = await startEngine({ modelPath, device, threads, slots, keyValueCacheBytes, warmUp: true });
  const { vocabulary } = engine.manifest.architecture.decoder;
  const text = new TextExercises(engineTextModel(engine), new RandomPrompts(vocabulary));
  return {
    perform: (exercise) => (exercise.kind === 'encode-image' ? encodeImage(engine) : text.perform(exercise)),
    close: () => engine.close(),
  };
}

async function encodeImage(engine: Engine): Promise<Reading[]> {
  const picture = await randomPicture();
  const startedAt = performance.now();
  await engine.encodeImage(picture);
  const seconds = (performance.now() - startedAt) / 1000;
  return [{ name: 'image encode', unit: 's', value: seconds }];
}
