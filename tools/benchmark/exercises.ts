import {
  decodeRate,
  prefillRate,
  type RandomPrompts,
  type TextModel,
  timeToFirstToken,
  totalDecodeRate,
} from '#libs/benchmark';

/** One thing to do and to measure. */
export type Exercise = TextExercise | ImageExercise | ServerExercise;

export type TextExercise =
  | { readonly kind: 'decode'; readonly context: number; readonly newTokens: number }
  | { readonly kind: 'prefill'; readonly tokens: number }
  | { readonly kind: 'streams'; readonly streams: number; readonly newTokens: number }
  | { readonly kind: 'conversation'; readonly first: number; readonly reply: number; readonly next: number };
export type ImageExercise = { readonly kind: 'encode-image' };
export type ServerExercise =
  | {
      readonly kind: 'full-load';
      readonly requests: number;
      readonly promptTokens: number;
      readonly newTokens: number;
    }
  /** Arriving while one reply runs. */
  | { readonly kind: 'photographs'; readonly count: number };

/** A sample of one row of the result. */
export interface Reading {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
}

/** Tokens of the prompt before each of several streams. */
const STREAM_PROMPT = 32;

/** Carries out exercises with a text model. Only the prompts of decode exercises come again, so that they are cached. */
export class TextExercises {
  private readonly contexts = new Map<number, string>();

  constructor(
    private readonly model: TextModel,
    private readonly prompts: RandomPrompts,
  ) {}

  async perform(exercise: TextExercise): Promise<readonly Reading[]> {
    switch (exercise.kind) {
      case 'decode': {
        const { context, newTokens } = exercise;
        const value = await decodeRate(this.model, this.contextOf(context), newTokens);
        return [{ name: `decode at context ${context}`, unit: 'tokens/s', value }];
      }
      case 'prefill': {
        const { tokens } = exercise;
        const value = await prefillRate(this.model, this.promptOf(tokens), tokens);
        return [{ name: `prefill ${tokens}`, unit: 'tokens/s', value }];
      }
      case 'streams': {
        const { streams, newTokens } = exercise;
        const prompts = Array.from({ length: streams }, () => this.promptOf(STREAM_PROMPT));
        const value = await totalDecodeRate(this.model, prompts, newTokens);
        const name = `${streams} ${streams === 1 ? 'stream' : 'streams'}, total`;
        return [{ name, unit: 'tokens/s', value }];
      }
      case 'conversation':
        return this.converse(exercise);
    }
  }

  private async converse({
    first,
    reply,
    next,
  }: Extract<Exercise, { kind: 'conversation' }>): Promise<Reading[]> {
    const prompt = this.promptOf(first);
    const firstTurn = await timeToFirstToken(this.model, prompt);
    const answer = await this.model.generate(prompt, reply, () => {});
    const followUp = await timeToFirstToken(this.model, prompt + answer + this.prompts.next(next));
    return [
      { name: `time to first token, ${first} tokens`, unit: 's', value: firstTurn },
      { name: `time to first token, ${next} tokens after them`, unit: 's', value: followUp },
    ];
  }

  /** A prompt of so many tokens with the begin-of-sequence token. */
  private promptOf(tokens: number): string {
    return this.prompts.next(tokens - 1);
  }

  private contextOf(tokens: number): string {
    const known = this.contexts.get(tokens);
    if (known !== undefined) return known;
    const prompt = this.promptOf(tokens);
    this.contexts.set(tokens, prompt);
    return prompt;
  }
}
