import { escapeEntities } from '../reply/outgoing-text.js';

/** What people, channels and groups are called, by their ids. */
export type Names = ReadonlyMap<string, string>;

/** `<…>` of Slack's markup: a sign or none, what it is about, and the words that people see. */
const control = /<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>/g;

/**
 * What a person wrote, as plain text: Slack's control sequences become the words that people see, the mention of
 * the bot goes, and entities become their characters (Slack docs, "Formatting message text", retrieving messages).
 * White space stays, as code is made of it, but for what is empty at the end.
 */
export function plainText(text: string, botUserId: string, names: Names = new Map()): string {
  const withoutMention = text.replaceAll(
    new RegExp(`([^\\S\\n]*)<@${botUserId}(?:\\|[^<>]*)?>([^\\S\\n]*)`, 'g'),
    (_mention, before: string, after: string) => (before !== '' && after !== '' ? ' ' : ''),
  );
  return decodeEntities(
    withoutMention.replaceAll(control, (_whole, sign: string, what: string, label?: string) =>
      renderControl(sign, what, label, names),
    ),
  ).trimEnd();
}

/** True when a text names this user. */
export function mentions(text: string, user: string): boolean {
  return new RegExp(`<@${user}(?:\\||>)`).test(text);
}

/** The ids in a text whose words Slack leaves to the reader. */
export function unnamedIn(text: string): readonly string[] {
  return [...text.matchAll(/<(?:@|#|!subteam\^)([A-Z0-9]+)\|?>/g)].flatMap(([, id]) => id ?? []);
}

export function decodeEntities(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function renderControl(sign: string, what: string, label: string | undefined, names: Names): string {
  const named = label === '' ? undefined : label;
  switch (sign) {
    case '@':
      return addSign('@', named ?? nameOf(what, names) ?? 'someone');
    case '#':
      return addSign('#', named ?? nameOf(what, names) ?? 'channel');
    case '!':
      return renderSpecial(what, named, names);
    default:
      return named ?? what.replace(/^(?:tel|mailto):/, '');
  }
}

/** `!here`, `!subteam^S…`, `!date^seconds^format^link`. */
function renderSpecial(what: string, label: string | undefined, names: Names): string {
  const [kind = '', value = ''] = what.split('^');
  if (kind === 'date') return label ?? dateOf(value);
  if (kind === 'subteam') return addSign('@', label ?? nameOf(value, names) ?? 'group');
  return addSign('@', label ?? kind);
}

function dateOf(seconds: string): string {
  const date = new Date(Number(seconds) * 1_000);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 16).replace('T', ' ');
}

function nameOf(id: string, names: Names): string | undefined {
  const name = names.get(id);
  return name === undefined ? undefined : escapeEntities(name);
}

function addSign(sign: string, name: string): string {
  return name.startsWith(sign) ? name : sign + name;
}
