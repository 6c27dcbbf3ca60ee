import { type Guild, type GuildBasedChannel, type Message, PermissionFlagsBits } from 'discord.js';

import { discordPermissions } from '#libs/chat-accounts';

/** Answers need no files, which only long ones come in. */
const neededPermissions = discordPermissions.filter(([name]) => name !== 'Attach Files');

/** What the bot would need to answer in a channel and has not. */
export function findMissingPermissions(channel: Message['channel'] | GuildBasedChannel): string[] {
  if (channel.isDMBased()) return [];
  const { me } = channel.guild.members;
  const permissions = me && channel.permissionsFor(me);
  if (!permissions) return [];
  const isThread = channel.isThread();
  return neededPermissions
    .filter(([name]) => name !== (isThread ? 'Send Messages' : 'Send Messages in Threads'))
    .filter(([, flag]) => !permissions.has(flag))
    .map(([name]) => name);
}

/**
 * What keeps the bot from answering in a server's channels, a sentence for each reason. That it is not let into a
 * channel which not everybody sees is as its members want it.
 */
export function reportPermissions(guild: Guild): string[] {
  const channelsByReason = new Map<string, string[]>();
  for (const channel of guild.channels.cache.values()) {
    if (!channel.isTextBased() || !isForEverybody(channel)) continue;
    const missing = findMissingPermissions(channel).join(' and ');
    if (missing === '') continue;
    channelsByReason.set(missing, [...(channelsByReason.get(missing) ?? []), `#${channel.name}`]);
  }
  return [...channelsByReason].map(
    ([missing, channels]) =>
      `In the server ${guild.name} the bot needs the permission ${missing} in ${channels.join(', ')} to answer there.`,
  );
}

function isForEverybody(channel: GuildBasedChannel): boolean {
  const everyone = channel.permissionsFor(channel.guild.roles.everyone);
  return everyone?.has(PermissionFlagsBits.ViewChannel) ?? false;
}
