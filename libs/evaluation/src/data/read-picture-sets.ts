import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { CodedError } from '#libs/errors';
import type { PictureSet } from '../picture-set.js';
import { readAokVqa } from './aok-vqa.js';
import { byImage } from './by-image.js';
import { findPicture } from './find-picture.js';
import { readJson } from './read-json.js';

import { readSceneSet, SCENES_FILE } from './scene-set.js';

type ReadSet = (path: string) => Promise<PictureSet>;

const layouts: readonly { isIt: (file: string) => boolean; read: ReadSet }[] = [
  { isIt: (file) => file === SCENES_FILE, read: readSceneSet },
  { isIt: (file) => /^aokvqa.*\.json$/.test(file), read: readAokVqa },
  { isIt: (file) => /questions\.json$/.test(file), read: readGqa },
];

/**
 * Reads every set of pictures in a folder and in the folders right below it.
 * @throws CodedError `evaluation-data` when there is none, or one that cannot be read
 */
export async function readPictureSets(folder: string): Promise<PictureSet[]> {
  const sets: PictureSet[] = [];
  for (const place of [folder, ...(await foldersIn(folder))]) {
    for (const file of (await readdir(place)).toSorted()) {
      const layout = layouts.find(({ isIt }) => isIt(file));
      if (layout) sets.push(await layout.read(join(place, file)));
    }
  }
  if (sets.length > 0) return sets;
  throw new CodedError(
    'evaluation-data',
    `There is nothing to ask in ${folder}: neither ${SCENES_FILE} of a set of scenes, nor aokvqa_….json, nor …questions.json of GQA.`,
  );
}

/** Links to folders count, since data sets are large and lie elsewhere. */
async function foldersIn(folder: string): Promise<string[]> {
  try {
    const paths = (await readdir(folder)).toSorted().map((name) => join(folder, name));
    const areFolders = await Promise.all(paths.map(async (path) => (await stat(path)).isDirectory()));
    return paths.filter((_, index) => areFolders[index]);
  } catch (cause) {
    throw new CodedError('evaluation-data', `The folder ${folder} cannot be read. Is the path right?`, {
      cause,
    });
  }
}

const gqa = z.record(z.string(), z.object({ imageId: z.string(), question: z.string(), answer: z.string() }));

/** Reads GQA's open questions (cs.stanford.edu/people/dorarad/gqa, `testdev_balanced_questions.json`) beside its pictures. */
async function readGqa(path: string): Promise<PictureSet> {
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
