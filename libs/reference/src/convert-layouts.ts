import { access } from 'node:fs/promises';
import { join } from 'node:path';

import { CodedError } from '#libs/errors';
import { ReferenceModel } from './reference-model.js';

/**
 * Converts every published layout that a folder holds, in the order given.
 * @param layouts the files and folders of each by its name
 * @throws CodedError `reference-folder` when there is none, `conversion`
 */
export async function convertLayouts<Layout extends string>(
  folder: string,
  workFolder: string,
  layouts: Readonly<Record<Layout, readonly string[]>>,
): Promise<Map<Layout, ReferenceModel>> {
  const models = new Map<Layout, ReferenceModel>();
  for (const [layout, parts] of Object.entries(layouts) as [Layout, readonly string[]][]) {
    const from = parts.map((part) => join(folder, part));
    const there = await Promise.all(from.map(exists));
    if (there.every(Boolean))
      models.set(layout, await ReferenceModel.convert({ from }, join(workFolder, layout)));
  }
  if (models.size > 0) return models;
  throw new CodedError(
    'reference-folder',
    `${folder} holds none of the layouts ${Object.keys(layouts).join(', ')}.`,
  );
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

interface LayoutAnswer {
  readonly layout: string;
  readonly greedyTokenIds: readonly number[];
}

/**
 * What the layouts of one model answer to a case, of which one is as good as another.
 * @throws CodedError `reference-folder` when they answer differently, so that they do not hold the same weights
 */
export function requireSameAnswer<Answer extends LayoutAnswer>(
  folder: string,
  index: number,
  answers: readonly Answer[],
): Answer {
  const [answer] = answers as readonly [Answer];
  const other = answers.find(({ greedyTokenIds }) => `${greedyTokenIds}` !== `${answer.greedyTokenIds}`);
  if (!other) return answer;
  throw new CodedError(
    'reference-folder',
    `${join(folder, answer.layout)} and ${join(folder, other.layout)} answer case ${index} differently.`,
  );
}
