import remend from 'remend';

/** A fenced code block that was opened and not closed. */
interface OpenFence {
  /** Where its opening line starts. */
  readonly start: number;
  /** The backticks or tildes, which close it too. */
  readonly marker: string;
  /** The opening line, by which it is opened again in a further message. */
  readonly opening: string;
}

const maxInfoLength = 32;

/** The code block that is open at the end of `markdown`, if one is (CommonMark, "Fenced code blocks"). */
export function openFence(markdown: string): OpenFence | undefined {
  let open: OpenFence | undefined;
  for (const line of markdown.matchAll(/^ {0,3}(`{3,}|~{3,})(.*)$/gm)) {
    const [, marker = '', info = ''] = line;
    if (!open) {
      open = { start: line.index, marker, opening: `${marker}${info.slice(0, maxInfoLength)}` };
    } else if (marker.startsWith(open.marker) && info.trim() === '') {
      open = undefined;
    }
  }
  return open;
}

/** Characters that closing what is open may add; messages are split with this much room. */
export const healingRoom = 24;

/** Closes emphasis, code and links that are open at the end, so that nothing runs on into what follows. */
export function closeMarkdown(markdown: string): string {
  const fence = openFence(markdown);
  if (fence) return `${markdown.trimEnd()}\n${fence.marker}`;
  return remend(withoutOpenImage(markdown), { linkMode: 'text-only', htmlTags: false });
}

/** The markdown of an answer that is still growing, in a form that can be shown at this moment. */
export function healMarkdown(markdown: string): string {
  return closeMarkdown(openFence(markdown) ? markdown : withoutOpenTableRow(markdown));
}

function withoutOpenImage(markdown: string): string {
  return markdown.replace(/!\[[^\]]*(\](\([^)]*)?)?$/, '');
}

/** Holds back a table's unfinished row, and its header until the line below shows that it is a table. */
function withoutOpenTableRow(markdown: string): string {
  const lines = markdown.split('\n');
  const tableStart = lines.findLastIndex((line) => !line.startsWith('|')) + 1;
  if (tableStart === lines.length) return markdown;
  const finishedRows = lines.slice(tableStart, -1);
  return [...lines.slice(0, tableStart), ...(finishedRows.length >= 2 ? finishedRows : [])].join('\n');
}
