import { type EngineOptions, isEngineFault, startEngine } from '#libs/engine';

import { askEngine } from './ask-engine.js';
import { UnusablePictureError, type VisionModel } from './vision-model.js';

/** As many as run at once, and as many again that wait, so that no slot is ever free. */
const QUESTIONS_PER_SLOT = 2;

/**
 * Loads a model package into this process.
 * @throws what `startEngine` throws
 */
export async function startLocalModel(
  options: EngineOptions,
  onWarning: (sentence: string) => void,
): Promise<VisionModel> {
  const engine = await startEngine(options, { onWarning });
  const { manifest, limits } = engine;
  return {
    name: manifest.name,
    template: manifest.template,
    atOnce: limits.slots * QUESTIONS_PER_SLOT,
    maxImageBytes: limits.maxImageBytes,
    async ask(picture, question, signal) {
      try {
        return await askEngine(engine, picture, question, signal);
      } catch (cause) {
        if (isEngineFault(cause, 'invalid-image')) throw new UnusablePictureError(cause.message, { cause });
        throw cause;
      }
    },
    close: () => engine.close(),
  };
}
