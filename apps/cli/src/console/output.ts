/** Results go to stdout, so that they can be piped; everything said about them goes to stderr. */
export function printResult(result: unknown): void {
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
}

export function printText(text: string): void {
  process.stdout.write(text);
}

export function remark(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}
