/** Has the program go on when its output cannot be written: the disk is full, or who read it is gone. */
export function surviveBrokenOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}
