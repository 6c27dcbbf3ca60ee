import { basename, dirname } from 'node:path';

import { z } from 'zod';

import type { PictureSet, QuestionKind } from '../picture-set.js';
import { findPicture } from './find-picture.js';
import { readJson } from './read-json.js';

export const SCENES_FILE = 'index.json';

const scenes = z.array(
  z.object({
    image: z.string(),
    names: z.array(z.string()),
    questions: z.array(z.object({ question: z.string(), answer: z.string() })),
  }),
);

/** Scenes hold their questions without a kind; the wording tells it. */
const kindByWording: readonly (readonly [RegExp, QuestionKind])[] = [
  [/^is there /i, 'yes/no'],
  [/^how many |^count /i, 'counting'],
  [/on the (left|right)|at the (top|bottom)/i, 'position'],
  [/colou?r .*(background|behind)|background colou?r/i, 'background'],
  [/^how big |large or small/i, 'size'],
  [/caption|alt text/i, 'caption'],
  [/what kind|which category/i, 'category'],
  [/associated with|think of/i, 'association'],
  [/^what is (this|it|shown)\?$|^name /i, 'naming'],
];

/** Reads `index.json` of a folder of scenes, which lists pictures with what they show and what to ask about them. */
export async function readSceneSet(path: string): Promise<PictureSet> {
  const folder = dirname(path);
  const pictures = await readJson(path, scenes, 'a list of scenes with names and questions');
  return {
    name: basename(folder),
    pictures: await Promise.all(
      pictures.map(async ({ image, names, questions }) => ({
        path: await findPicture(folder, ['.'], image),
        objects: names,
        questions: questions.map(({ question, answer }) => ({
          kind: kindOf(question),
          text: question,
          expected: { kind: 'sentence' as const, sentence: answer },
        })),
      })),
    ),
  };
}

function kindOf(question: string): QuestionKind {
  return kindByWording.find(([wording]) => wording.test(question))?.[1] ?? 'other';
}
