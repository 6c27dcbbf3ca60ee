import { RandomPrompts, type TextModel } from '#libs/benchmark';

import { TextExercises } from '../exercises.js';
import type { Contender } from './contender.js';

/** A contender that only continues texts. */
export function textContender(model: TextModel, vocabulary: number, close: () => Promise<void>): Contender {
  const text = new TextExercises(model, new RandomPrompts(vocabulary));
  return {
    async perform(exercise) {
      switch (exercise.kind) {
        case 'encode-image':
        case 'full-load':
        case 'photographs':
          throw new Error(`A text model cannot do the exercise ${exercise.kind}.`);
        default:
          return text.perform(exercise);
      }
    },
    close,
  };
}
