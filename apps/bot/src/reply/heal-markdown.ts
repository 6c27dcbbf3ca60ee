import remend from 'remend';

import { openFence } from './code-fence.js';

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
