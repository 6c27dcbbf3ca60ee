import { readFileSync } from 'node:fs';

import { z } from 'zod';

const folder = new URL('../fixtures/emoji-scenes/validation/', import.meta.url);

const scenes = z.array(
  z.object({
    image: z.string(),
    questions: z.array(z.object({ question: z.string(), answer: z.string() })),
  }),
);

export type SceneSet = 'seen-drawings' | 'scenes' | 'unseen-drawings';

export interface SceneQuestion {
  /** Such as `scenes/0012.png`. */
  readonly image: string;
  readonly question: string;
  readonly answer: string;
}

/** What a person would ask to have a thing named. */
const namingQuestions = new Set(['What is this?', 'What is it?', 'What is shown?', 'Name the object.']);

/** The questions of a validation set that ask what a picture shows. */
export function namingQuestionsOf(set: SceneSet): SceneQuestion[] {
  const index = scenes.parse(JSON.parse(readFileSync(new URL(`${set}/index.json`, folder), 'utf8')));
  return index.flatMap(({ image, questions }) =>
    questions
      .filter(({ question }) => namingQuestions.has(question))
      .map(({ question, answer }) => ({ image: `${set}/${image}`, question, answer })),
  );
}

export function sceneImage(name: string): Buffer {
  return readFileSync(new URL(name, folder));
}
