import { FIRST_LETTER, letterVocabulary } from '#libs/model-package';

/** Makes prompts of exact length for models whose vocabulary is one letter per token (`letterVocabulary`). */
export class RandomPrompts {
  private readonly letters: readonly string[];

  constructor(vocabulary: number) {
    this.letters = letterVocabulary(vocabulary).slice(FIRST_LETTER);
  }

  /** A text of so many tokens that no cache has seen. */
  next(tokens: number): string {
    const draw = () => this.letters[Math.floor(Math.random() * this.letters.length)]!;
    return Array.from({ length: tokens }, draw).join('');
  }
}
