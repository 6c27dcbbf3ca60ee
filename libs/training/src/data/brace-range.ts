/**
 * Expands ranges and lists in braces as a shell does: `{000..003}.tar` to 000.tar, 001.tar, 002.tar and 003.tar,
 * `{a,b}.tar` to a.tar and b.tar. Several braces in one pattern give every combination.
 */
export function expandBraces(pattern: string): string[] {
  const braces = /\{(?:(\d+)\.\.(\d+)|([^{}]*,[^{}]*))\}/.exec(pattern);
  if (!braces) return [pattern];
  const [text, first, last, list] = braces;
  const choices = list === undefined ? numbers(first!, last!) : list.split(',');
  const start = pattern.slice(0, braces.index);
  const ends = expandBraces(pattern.slice(braces.index + text.length));
  return choices.flatMap((choice) => ends.map((end) => start + choice + end));
}

/** Counts with as many digits as the first number was written with. */
function numbers(first: string, last: string): string[] {
  const from = Number(first);
  const count = Number(last) - from + 1;
  return Array.from({ length: Math.max(count, 0) }, (_, index) =>
    String(from + index).padStart(first.length, '0'),
  );
}
