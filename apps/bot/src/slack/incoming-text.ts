/**
 * What a person wrote, as plain text: Slack's control sequences become the words that people see, the mention of
 * the bot goes, and entities become their characters (Slack docs, "Formatting message text", retrieving messages).
 */
export function plainText(text: string, botUserId: string): string {
  return decodeEntities(
    text
      .replaceAll(new RegExp(`<@${botUserId}(?:\\|[^>]*)?>`, 'g'), ' ')
      .replaceAll(/<([@#!])([^>|]+)(?:\|([^>]*))?>/g, (_whole, sign: string, id: string, label?: string) =>
        spokenReference(sign, id, label),
      )
      .replaceAll(/<([^>|]+)\|([^>]*)>/g, '$2')
      .replaceAll(/<([^>|\s]+)>/g, '$1'),
  )
    .replaceAll(/[^\S\n]+/g, ' ')
    .trim();
}

export function decodeEntities(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function spokenReference(sign: string, id: string, label: string | undefined): string {
  if (label !== undefined && label !== '') return sign === '#' ? `#${label}` : `@${label.replace(/^@/, '')}`;
  return sign === '#' ? '#channel' : sign === '!' ? `@${id}` : '@someone';
}
