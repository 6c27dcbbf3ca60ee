import { blip2Opt } from './blip-2-opt.js';
import type { Family } from './family.js';
import { instructBlip } from './instruct-blip.js';
import { llava } from './llava.js';
import { miniGpt4 } from './minigpt-4.js';
import { miniGptV2 } from './minigpt-v2.js';

/** Every family, the more particular first: its files may hold what another family's are known by. */
export const families: readonly Family[] = [llava, miniGptV2, miniGpt4, instructBlip, blip2Opt];

/** The family whose files hold tensors of these names; undefined when there is none. */
export function recogniseFamily(names: Iterable<string>): Family | undefined {
  const all = [...names];
  return families.find(({ signature }) =>
    signature.every((pattern) => all.some((name) => pattern.test(name))),
  );
}

/** Published relatives of these families that do not run here, by tensors of theirs. */
const relatives: readonly (readonly [pattern: RegExp, sentence: string])[] = [
  [
    /^(?:model\.)?t5_(?:proj|model)\.|^language_model\.(?:encoder|decoder)\.block\./,
    'This is a BLIP-2 or InstructBLIP with FlanT5 as its language model; they run here with OPT and Vicuna only.',
  ],
];

/** What files are that are of no family, in a sentence; undefined where that is not known. */
export function describeRelative(names: Iterable<string>): string | undefined {
  const all = [...names];
  return relatives.find(([pattern]) => all.some((name) => pattern.test(name)))?.[1];
}

/** @throws RangeError for a name that no family has */
export function familyNamed(name: string): Family {
  const family = families.find((candidate) => candidate.name === name);
  if (!family) {
    throw new RangeError(
      `There is no family "${name}". There are ${families.map((each) => each.name).join(', ')}.`,
    );
  }
  return family;
}
