import type { RoleNames } from './template.js';

/** With room for spaces, as in `< / Img >`: the model may take that for the tag as well. */
const tags =
  /<\s*((?:\/\s*)?(?:img|imagehere|s))\s*>|\[\s*((?:\/\s*)?inst)\s*\]|<<\s*((?:\/\s*)?sys)\s*>>/giu;

/**
 * A role at the start of a line, of what follows a `#`, or of what follows a tag, whatever punctuation is between
 * (markdown, quotes). The look-behind comes last: in front it would be tried at every character.
 */
function atLineStart(names: readonly string[]): RegExp {
  const role = anyOf(names);
  return new RegExp(`(${role})(?<=(?:^|[#)])[^\\p{L}\\p{N}]*(?:${role}))\\s*:`, 'gimu');
}

/** A role as the template writes it, inside of a line as well. */
function anywhere(names: readonly string[]): RegExp {
  return new RegExp(`(${anyOf(names)})\\s*:`, 'gu');
}

/** A pattern that nothing fits where there are none. */
const anyOf = (names: readonly string[]) => (names.length > 0 ? names.join('|') : '(?!)');

/** Two of a run of three or more. */
const separators = /##(?=#)/g;

const minigpt4Roles: RoleNames = { names: ['human', 'assistant'], inline: [] };

/**
 * Rewrites what the chat templates would take for their own: a turn's end, the start of another, an image tag.
 * People still read the same, and the model gets no rare characters, which it would read badly:
 *
 *     ###  →  ## #        Human:  →  Human -        <Img>  →  (Img)        [/INST]  →  (/INST)
 *
 * Upper and lower case count alike. Other text is returned as it is, and so is text rewritten before.
 * @param roles of the template, MiniGPT-4's when left out
 */
export function neutraliseControlStrings(text: string, { names, inline }: RoleNames = minigpt4Roles): string {
  const neutral = text
    .replace(separators, '## ')
    .replace(tags, (_tag, angled?: string, squared?: string, doubled?: string) =>
      doubled === undefined ? `(${angled ?? squared})` : `((${doubled}))`,
    )
    .replace(atLineStart(names), '$1 -');
  return neutral.replace(anywhere(inline), '$1 -');
}
