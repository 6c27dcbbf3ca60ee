import { blip2Opt } from './blip-2-opt.js';
import type { Family } from './family.js';
import { llava } from './llava.js';
import { miniGpt4 } from './minigpt-4.js';
import { miniGptV2 } from './minigpt-v2.js';

/** Every family, the more particular first: its files may hold what another family's are known by. */
export const families: readonly Family[] = [llava, miniGptV2, miniGpt4, blip2Opt];

/** The family whose files hold tensors of these names; undefined when there is none. */
export function recogniseFamily(names: Iterable<string>): Family | undefined {
  const all = [...names];
  return families.find(({ signature }) =>
    signature.every((pattern) => all.some((name) => pattern.test(name))),
  );
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
