/** A fenced code block that was opened and not closed. */
export interface OpenFence {
  /** Where its opening line starts. */
  readonly start: number;
  /** The backticks or tildes, which close it too. */
  readonly marker: string;
  /** The opening line, by which it is opened again in a further message. */
  readonly opening: string;
}

const longestInfo = 32;

/** The code block that is open at the end of `markdown`, if one is (CommonMark, "Fenced code blocks"). */
export function openFence(markdown: string): OpenFence | undefined {
  let open: OpenFence | undefined;
  for (const line of markdown.matchAll(/^ {0,3}(`{3,}|~{3,})(.*)$/gm)) {
    const [, marker = '', info = ''] = line;
    if (!open) {
      open = { start: line.index, marker, opening: `${marker}${info.slice(0, longestInfo)}` };
    } else if (marker.startsWith(open.marker) && info.trim() === '') {
      open = undefined;
    }
  }
  return open;
}
