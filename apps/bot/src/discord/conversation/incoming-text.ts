import type { Guild, Message } from 'discord.js';

/** What the names behind ids are, as far as the bot knows. */
export interface Names {
  user(id: string): string | undefined;
  role(id: string): string | undefined;
  channel(id: string): string | undefined;
}

/** Code blocks and code within a line, in which Discord shows everything as it was typed. */
const code = /(```[\s\S]*?```|``[^`](?:[^`]|`(?!`))*``|`[^`\n]+`)/;

const commandMention = /<\/([^:<>]{1,100}):\d+>/g;
const customEmoji = /<a?:(\w{2,32}):\d+>/g;
const timestamp = /<t:(-?\d{1,13})(?::([tTdDfFR]))?>/g;
const navigation = /<id:(customize|browse|guide|linked-roles)>/g;
const quietLink = /<(https?:\/\/[^\s<>]+)>/g;

const navigationNames: Record<string, string> = {
  customize: 'Channels & Roles',
  browse: 'Browse Channels',
  guide: 'Server Guide',
  'linked-roles': 'Linked Roles',
};

/**
 * What people read where Discord sends codes: names for mentions, dates for timestamps (Discord docs, Message
 * Formatting). Times are in UTC, as Discord does not tell where somebody is.
 */
export function readableText(content: string, names: Names, locale: string): string {
  return content
    .split(code)
    .map((part, index) => (index % 2 === 1 ? part : readableProse(part, names, locale)))
    .join('');
}

function readableProse(text: string, names: Names, locale: string): string {
  return text
    .replaceAll(/<@!?(\d+)>/g, (_, id: string) => `@${names.user(id) ?? 'unknown-user'}`)
    .replaceAll(/<@&(\d+)>/g, (_, id: string) => `@${names.role(id) ?? 'unknown-role'}`)
    .replaceAll(/<#(\d+)>/g, (_, id: string) => `#${names.channel(id) ?? 'unknown'}`)
    .replaceAll(commandMention, '/$1')
    .replaceAll(customEmoji, ':$1:')
    .replaceAll(timestamp, (raw, seconds: string, style: string | undefined) =>
      readableTime(Number(seconds), style ?? 'f', locale, raw),
    )
    .replaceAll(navigation, (_, place: string) => navigationNames[place] ?? place)
    .replaceAll(quietLink, '$1');
}

const timeStyles: Record<string, Intl.DateTimeFormatOptions> = {
  t: { timeStyle: 'short' },
  T: { timeStyle: 'medium' },
  d: { dateStyle: 'short' },
  D: { dateStyle: 'long' },
  f: { dateStyle: 'long', timeStyle: 'short' },
  F: { dateStyle: 'full', timeStyle: 'short' },
};

const units = [
  ['year', 31_556_952],
  ['month', 2_629_746],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const satisfies readonly (readonly [Intl.RelativeTimeFormatUnit, number])[];

function readableTime(seconds: number, style: string, locale: string, raw: string): string {
  const date = new Date(seconds * 1_000);
  if (Number.isNaN(date.getTime())) return raw;
  if (style === 'R') return relativeTime(seconds - Date.now() / 1_000, locale);
  const format = { ...timeStyles[style], timeZone: 'UTC' };
  const shown = new Intl.DateTimeFormat(locale, format).format(date);
  return 'timeStyle' in format ? `${shown} UTC` : shown;
}

function relativeTime(seconds: number, locale: string): string {
  const [unit, length] = units.find(([, size]) => Math.abs(seconds) >= size) ?? (['second', 1] as const);
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(Math.round(seconds / length), unit);
}

/** The names that a message's author sees: nicknames of the server, else names for display. */
export function namesIn(message: Message): Names {
  const { client, guild, mentions } = message;
  return {
    ...namesOf(guild, client),
    user: (id) => namesOf(guild, client).user(id) ?? mentions.users.get(id)?.displayName,
  };
}

/** The names of a server, or of what the bot knows outside of one. */
export function namesOf(guild: Guild | null, client: Message['client']): Names {
  return {
    user: (id) => guild?.members.cache.get(id)?.displayName ?? client.users.cache.get(id)?.displayName,
    role: (id) => guild?.roles.cache.get(id)?.name,
    channel: (id) => {
      const channel = client.channels.cache.get(id);
      return channel && 'name' in channel ? (channel.name ?? undefined) : undefined;
    },
  };
}
