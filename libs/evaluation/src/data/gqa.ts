import { basename, dirname } from 'node:path';

import { z } from 'zod';

import type { PictureSet } from '../picture-set.js';
import { byImage } from './by-image.js';
import { findPicture } from './find-picture.js';
import { readJson } from './read-json.js';

const gqa = z.record(z.string(), z.object({ imageId: z.string(), question: z.string(), answer: z.string() }));

/** Reads GQA's open questions (cs.stanford.edu/people/dorarad/gqa, `testdev_balanced_questions.json`) beside its pictures. */
export async function readGqa(path: string): Promise<PictureSet> {
  const folder = dirname(path);
  const entries = await readJson(path, gqa, 'a file of GQA questions with their answers');
  const perImage = byImage(Object.values(entries), ({ imageId }) => imageId);
  return {
    name: basename(path, '.json'),
    pictures: await Promise.all(
      perImage.map(async ([image, questions]) => ({
        path: await findPicture(folder, ['images', '.'], `${image}.jpg`),
        questions: questions.map(({ question, answer }) => ({
          kind: 'open' as const,
          text: `${question} Answer with a word or a short phrase.`,
          expected: { kind: 'words' as const, words: answer },
        })),
      })),
    ),
  };
}
