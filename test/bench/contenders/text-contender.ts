import { RandomPrompts, type TextModel } from '#libs/benchmark';

import { TextExercises } from '../exercises.js';
import type { Contender } from './contender.js';

/** A contender that only continues texts. */
export function textContender(model: TextModel, vocabulary: number, close: () => Promise<void>): Contender {
  const text = new TextExercises(model, new RandomPrompts(vocabulary));
  return {
    async perform(exercise) {
      if (exercise.kind === 'encode-image' || exercise.kind === 'full-load') {
        throw new Error(`A text model cannot do the exercise ${exercise.kind}.`);
      }
      return text.perform(exercise);
    },
    close,
  };
}
