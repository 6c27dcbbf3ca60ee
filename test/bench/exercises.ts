import {
  decodeRate,
  prefillRate,
  type RandomPrompts,
  type TextModel,
  timeToFirstToken,
  totalDecodeRate,
} from '#libs/benchmark';

import type { BenchmarkShape, Section } from './arguments.js';

/** One thing to do and to measure. */
export type Exercise =
  | { readonly kind: 'decode'; readonly context: number; readonly newTokens: number }
  | { readonly kind: 'prefill'; readonly tokens: number }
  | { readonly kind: 'streams'; readonly streams: number; readonly newTokens: number }
  | { readonly kind: 'conversation'; readonly first: number; readonly reply: number; readonly next: number }
  | { readonly kind: 'encode-image' };

export type TextExercise = Exclude<Exercise, { kind: 'encode-image' }>;

/** A sample of one row of the result. */
export interface Reading {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
}

const decodeAt = (context: number, newTokens = 33): Exercise => ({ kind: 'decode', context, newTokens });

/** What a section of the benchmark does, in order. */
export function exercisesOf(section: Section, shape: BenchmarkShape): readonly Exercise[] {
  switch (section) {
    case 'decode':
      return shape === 'vit-g' ? [] : [decodeAt(100), decodeAt(500), decodeAt(1500)];
    case 'prefill':
      return shape === 'vit-g' ? [] : [128, 512].map((tokens) => ({ kind: 'prefill', tokens }));
    case 'streams':
      return shape === 'vit-g'
        ? []
        : streamCounts[shape].map((streams) => ({ kind: 'streams', streams, newTokens: 33 }));
    case 'followup':
      return shape === 'vit-g' ? [] : [{ kind: 'conversation', first: 512, reply: 32, next: 32 }];
    case 'encode':
      return [{ kind: 'encode-image' }];
    case 'server':
      return [];
  }
}

/** At 7B the keys and values of eight streams leave no room for peers in 24 GB. */
const streamCounts = { tinyllama: [1, 2, 4, 8], '7b': [1, 2, 4] } as const;

/** Rounds of a section: fewer where one takes long. */
export const roundsOf = {
  decode: 5,
  prefill: 5,
  streams: 3,
  followup: 3,
  encode: 5,
  server: 5,
} as const satisfies Readonly<Record<Section, number>>;

/** Tokens of the prompt before each of several streams. */
const STREAM_PROMPT = 32;

/** Carries out exercises with a text model; the prompts of decode exercises stay the same, those of others never come twice. */
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
        return [
          { name: `${streams} ${streams === 1 ? 'stream' : 'streams'}, total`, unit: 'tokens/s', value },
        ];
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
      { name: `time to first token, first turn of ${first}`, unit: 's', value: firstTurn },
      { name: `time to first token, follow-up of ${next}`, unit: 's', value: followUp },
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
