import { readFile } from 'node:fs/promises';

import { ConcurrencyLimit } from '#libs/concurrency';
import type { Engine } from '#libs/engine';
import { askEngine, type Answer as Reply } from '#libs/vision-model';

import { type DescriptionFault, faultOf } from './description-fault.js';
import { isRight } from './judge-answer.js';

import type { Picture, PictureSet, Question } from './picture-set.js';

/** One of the instructions that stage 2 trains on (MiniGPT-4, prompts/alignment.txt). */
const DESCRIPTION_PROMPT = 'Describe this image in detail.';

export interface Answer {
  readonly question: Question;
  readonly reply: string;
  readonly right: boolean;
}

export interface Description {
  readonly text: string;
  readonly fault?: DescriptionFault;
  /** The known objects it names and those of them that are not in the picture, where it is known what is. */
  readonly objects?: { readonly mentioned: readonly string[]; readonly invented: readonly string[] };
}

export interface EvaluatedPicture {
  readonly picture: Picture;
  readonly answers: readonly Answer[];
  readonly description?: Description;
}

export interface EvaluatedSet {
  readonly name: string;
  readonly pictures: readonly EvaluatedPicture[];
}

export interface EvaluationOptions {
  /** Whether every picture is to be described as well. */
  readonly describe: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

/** As many as run at once, and as many again that wait, so that no slot is ever free. */
const REQUESTS_PER_SLOT = 2;

/** Asks a model everything there is to ask, greedily, so that the same model gets the same scores. */
export async function evaluate(
  engine: Engine,
  sets: readonly PictureSet[],
  { describe, onProgress }: EvaluationOptions,
): Promise<EvaluatedSet[]> {
  const limit = new ConcurrencyLimit(engine.limits.slots * REQUESTS_PER_SLOT);
  const pictures = sets.flatMap((set) => set.pictures);
  const known = new KnownObjects(pictures.flatMap(({ objects = [] }) => objects));
  const total = pictures.reduce((sum, { questions }) => sum + questions.length + (describe ? 1 : 0), 0);
  let done = 0;

  const ask = (picture: Picture, question: string) =>
    limit.run(async () => {
      const reply = await askEngine(engine, await readFile(picture.path), { text: question });
      onProgress?.(++done, total);
      return reply;
    });
  const answer = async (picture: Picture, question: Question): Promise<Answer> => {
    const { text } = await ask(picture, question.text);
    return { question, reply: text, right: isRight(text, question.expected) };
  };
  const describePicture = async (picture: Picture) =>
    judgeDescription(await ask(picture, DESCRIPTION_PROMPT), picture, known);
  const evaluatePicture = async (picture: Picture): Promise<EvaluatedPicture> => {
    const answers = Promise.all(picture.questions.map((question) => answer(picture, question)));
    const description = describe ? describePicture(picture) : undefined;
    return { picture, answers: await answers, description: await description };
  };

  return Promise.all(
    sets.map(async (set) => ({
      name: set.name,
      pictures: await Promise.all(set.pictures.map(evaluatePicture)),
    })),
  );
}

function judgeDescription(
  { text, finishReason }: Reply,
  { objects }: Picture,
  known: KnownObjects,
): Description {
  const fault = faultOf(text, finishReason);
  if (!objects) return { text, fault };
  const mentioned = known.mentionedIn(text);
  return {
    text,
    fault,
    objects: { mentioned, invented: mentioned.filter((name) => !objects.includes(name)) },
  };
}

/** The objects whose presence in a picture can be judged: every one that some picture of the data is known to show. */
export class KnownObjects {
  private readonly pattern: RegExp | undefined;
  private readonly names: ReadonlyMap<string, string>;

  constructor(names: Iterable<string>) {
    this.names = new Map([...names].map((name) => [name.toLowerCase(), name]));
    const longestFirst = [...this.names.keys()].toSorted((a, b) => b.length - a.length).map(escapeForPattern);
    if (longestFirst.length > 0) {
      this.pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${longestFirst.join('|')})(?![\\p{L}\\p{N}])`, 'giu');
    }
  }

  /** The known objects that a text names, each once. "A tiger face" names no tiger. */
  mentionedIn(text: string): string[] {
    const found = this.pattern ? (text.match(this.pattern) ?? []) : [];
    return [...new Set(found.map((name) => this.names.get(name.toLowerCase())!))];
  }
}

function escapeForPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
