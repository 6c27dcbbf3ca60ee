import { z } from 'zod';
import { CodedError } from '#libs/errors';

import { blip2OptNumbers } from './blip-2-opt-numbers.js';
import { instructBlipNumbers } from './instruct-blip-numbers.js';
import { llavaNumbers } from './llava-numbers.js';
import { miniGptV2Numbers } from './minigpt-v2-numbers.js';
import { type ReferenceNumbers, readExpectation } from './reference-folder.js';

type Compute = (folder: string, workFolder: string) => Promise<ReferenceNumbers>;

/** By the `family` of `expected.json`. */
const families: Readonly<Record<string, Compute>> = {
  'blip2-opt': blip2OptNumbers,
  instructblip: instructBlipNumbers,
  'llava-1.5': llavaNumbers,
  'minigpt-v2': miniGptV2Numbers,
};

/**
 * Computes the numbers by which a family is compared with its original: the published files in `folder` are converted
 * and run on the images and prompts of its `expected.json`, whose expected results are not looked at.
 *
 * @param workFolder a new folder, for model packages
 * @returns undefined where `expected.json` names no family, as that of MiniGPT-4's training does not
 * @throws CodedError `reference-folder` or `conversion`, CheckpointError
 */
export async function familyNumbers(
  folder: string,
  workFolder: string,
): Promise<ReferenceNumbers | undefined> {
  const { family } = await readExpectation(folder, z.object({ family: z.string().optional() }));
  if (family === undefined) return undefined;
  const compute = families[family];
  if (compute) return compute(folder, workFolder);
  throw new CodedError(
    'reference-folder',
    `${folder} is of the family "${family}"; known are ${Object.keys(families).join(', ')}.`,
  );
}
