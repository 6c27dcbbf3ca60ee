/** Slack's whole set of characters that have to be entities in text (Slack docs, "Escaping text"). */
export function escapeEntities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * Keeps the words of the model from notifying people: `<@U…>`, `<!channel>`, `<#C…>` are control sequences in
 * markdown blocks too, where entities would be shown as they are in code. A zero-width space breaks them.
 */
export function withoutPings(markdown: string): string {
  return markdown.replaceAll(/<(?=[@!#])/g, '<\u200B');
}

/**
 * Begins every streamed reply, which carries no metadata before its end: characters that nobody sees tell it from what
 * other programs write with the same token.
 */
export const streamMark = '\u2063\u2060\u2063';

/** True for the words of a streamed reply of this bot. */
export function isMarkedStream(markdown: string): boolean {
  return markdown.startsWith(streamMark);
}

/** Undoes `withoutPings`, so that a conversation is rebuilt with the words the model wrote. */
export function restoreText(markdown: string): string {
  return markdown.replaceAll('<\u200B', '<').replaceAll(streamMark, '');
}

/**
 * Turns the model's markdown into Slack's own mrkdwn, for notifications and clients that do not show blocks.
 * Code stays as it is; everything is escaped, so nothing in it is a mention or a link but what was a markdown link.
 * (slackify-markdown 5.0.0, the maintained converter, lets mentions through and does not escape code.)
 */
export function toMrkdwn(markdown: string): string {
  return markdown
    .split(/(```[\s\S]*?(?:```|$)|`[^`\n]*`)/)
    .map((part) => (part.startsWith('`') ? escapeEntities(part) : convertProse(escapeEntities(part))))
    .join('');
}

/** Stands for an asterisk of bold text while single asterisks become italics. */
const boldMark = '\u0001';

function convertProse(text: string): string {
  return text
    .replaceAll(/^#{1,6}\s+(.+?)\s*#*$/gm, `${boldMark}$1${boldMark}`)
    .replaceAll(/^(\s*)[-*+]\s+/gm, '$1• ')
    .replaceAll(/!?\[([^\]\n]*)\]\((https?:\/\/[^\s)]+)\)/g, '<$2|$1>')
    .replaceAll(/(\*\*|__)(?=\S)(.+?)(?<=\S)\1(?!\*)/g, `${boldMark}$2${boldMark}`)
    .replaceAll(/(?<![*\w])\*(?=\S)([^*\n]+?)(?<=\S)\*(?!\w)/g, '_$1_')
    .replaceAll(/~~(?=\S)(.+?)(?<=\S)~~/g, '~$1~')
    .replaceAll(boldMark, '*');
}

/** The beginning of a text that takes at most `limit` bytes of UTF-8, cut between characters. */
export function cutToBytes(text: string, limit: number): string {
  if (Buffer.byteLength(text) <= limit) return text;
  let bytes = 0;
  let kept = '';
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > limit - 3) break;
    kept += character;
  }
  return `${kept}…`;
}
