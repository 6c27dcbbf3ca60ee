import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { EvaluationDataError } from '../errors.js';
import type { PictureSet } from '../picture-set.js';
import { readAokVqa } from './aok-vqa.js';
import { readGqa } from './gqa.js';
import { readSceneSet, SCENES_FILE } from './scene-set.js';

type ReadSet = (path: string) => Promise<PictureSet>;

const layouts: readonly { isIt: (file: string) => boolean; read: ReadSet }[] = [
  { isIt: (file) => file === SCENES_FILE, read: readSceneSet },
  { isIt: (file) => /^aokvqa.*\.json$/.test(file), read: readAokVqa },
  { isIt: (file) => /questions\.json$/.test(file), read: readGqa },
];

/**
 * Reads every set of pictures in a folder and in the folders right below it.
 * @throws EvaluationDataError when there is none, or one that cannot be read
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
  throw new EvaluationDataError(
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
    throw new EvaluationDataError(`The folder ${folder} cannot be read. Is the path right?`, { cause });
  }
}
