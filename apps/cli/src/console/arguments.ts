import { CodedError } from '#libs/errors';

/**
 * ONNX Runtime 1.30 matches the process's whole command line (/proc/self/cmdline) with a recursive regular expression
 * when it starts; from about 14,000 characters on, a worker thread's stack is too small for that and the process dies.
 */
const LONGEST_COMMAND_LINE = 10_000;

/** @throws CodedError `argument` for a command line that the process would not survive. */
export function requireShortCommandLine(words: readonly string[]): void {
  const length = words.reduce((sum, word) => sum + Buffer.byteLength(word) + 1, 0);
  if (length <= LONGEST_COMMAND_LINE) return;
  throw new CodedError(
    'argument',
    `The command is ${length} characters long, but at most ${LONGEST_COMMAND_LINE} can be taken. Longer prompts can be sent to the model server.`,
  );
}

/** A parser of what is given for an option, as are those that follow. */
export const toNumber =
  (option: string) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value)) {
      throw new CodedError('argument', `${option} takes a number, not "${text}".`);
    }
    return value;
  };

export const toWholeNumber =
  (option: string) =>
  (text: string): number => {
    const value = toNumber(option)(text);
    if (!Number.isSafeInteger(value))
      throw new CodedError('argument', `${option} takes a whole number, not "${text}".`);
    return value;
  };

export const toChoice =
  <Choice extends string>(option: string, choices: readonly Choice[]) =>
  (text: string): Choice => {
    const choice = choices.find((candidate) => candidate === text);
    if (choice === undefined)
      throw new CodedError('argument', `${option} takes ${choices.join(', ')}, not "${text}".`);
    return choice;
  };

/** A server's address, without slashes at its end. */
export const toUrl =
  (option: string) =>
  (text: string): string => {
    if (!URL.canParse(text)) throw new CodedError('argument', `${option} takes a URL, not "${text}".`);
    return text.replace(/\/+$/, '');
  };
