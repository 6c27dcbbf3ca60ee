/** What a user typed is not what an option takes. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
}

export function parseNumber(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) {
    throw new ArgumentError(`${option} takes a number, not "${text}".`);
  }
  return value;
}

export function parseWholeNumber(option: string, text: string): number {
  const value = parseNumber(option, text);
  if (!Number.isSafeInteger(value)) throw new ArgumentError(`${option} takes a whole number, not "${text}".`);
  return value;
}

/** For options that may be repeated and may take several values at once. */
export function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

export function parseChoice<Choice extends string>(
  option: string,
  choices: readonly Choice[],
  text: string,
): Choice {
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) throw new ArgumentError(`${option} takes ${choices.join(', ')}, not "${text}".`);
  return choice;
}
