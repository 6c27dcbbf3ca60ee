import type { Readable, Writable } from 'node:stream';
import * as prompts from '@clack/prompts';

/** The person at the terminal left with Ctrl-C or Escape. */
export class SetupCancelled extends Error {}

/** Questions to a person at a terminal, each of which may be left by Ctrl-C. */
export class Dialogue {
  private readonly streams;

  constructor(input: Readable, output: Writable) {
    this.streams = { input, output };
  }

  say(text: string): void {
    prompts.log.message(text, this.streams);
  }

  warn(text: string): void {
    prompts.log.warn(text, this.streams);
  }

  explain(title: string, lines: readonly string[]): void {
    prompts.note(lines.join('\n'), title, { ...this.streams, format: (line) => line });
  }

  open(title: string): void {
    prompts.intro(title, this.streams);
  }

  close(lastWords: string): void {
    prompts.outro(lastWords, this.streams);
  }

  async chooseOne<T extends string>(message: string, labels: Readonly<Record<T, string>>): Promise<T> {
    return answered(
      await prompts.select<string>({ message, options: optionsOf(labels), ...this.streams }),
    ) as T;
  }

  async chooseSome<T extends string>(
    message: string,
    labels: Readonly<Record<T, string>>,
    chosen: readonly T[] = [],
  ): Promise<T[]> {
    const answer = await prompts.multiselect<string>({
      message: `${message} (space to choose, return to go on)`,
      options: optionsOf(labels),
      initialValues: [...chosen],
      required: false,
      ...this.streams,
    });
    return answered(answer) as T[];
  }

  async ask(message: string, check: (answer: string) => string | undefined): Promise<string> {
    const validate = (answer: string | undefined) => check((answer ?? '').trim());
    return answered<string>(await prompts.text({ message, validate, ...this.streams })).trim();
  }

  /** What is typed is not shown. */
  async askSecret(message: string, check: (answer: string) => string | undefined): Promise<string> {
    const validate = (answer: string | undefined) => check((answer ?? '').trim());
    return answered<string>(await prompts.password({ message, validate, ...this.streams })).trim();
  }

  async waitForReturn(message: string): Promise<void> {
    answered(await prompts.confirm({ message, active: 'Done', inactive: 'Later', ...this.streams }));
  }
}

function optionsOf(labels: Readonly<Record<string, string>>) {
  return Object.entries(labels).map(([value, label]) => ({ value, label }));
}

function answered<T>(answer: T | symbol): T {
  if (prompts.isCancel(answer)) throw new SetupCancelled();
  return answer as T;
}
