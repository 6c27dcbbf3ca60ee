import {
  type BaseInteraction,
  type GuildMember,
  type Message,
  PermissionFlagsBits,
  type TextBasedChannel,
} from 'discord.js';

import type { Asker, Place } from '../../contract/index.js';

/** The language of a place whose people Discord does not tell the language of. */
const defaultLocale = 'en-US';

export function askerOf(message: Message): Asker {
  const member: GuildMember | null = message.member;
  const permissions = message.inGuild() ? member?.permissionsIn(message.channel) : undefined;
  return {
    id: message.author.id,
    roles: [...(member?.roles.cache.keys() ?? [])],
    moderator: permissions?.has(PermissionFlagsBits.ManageMessages) ?? false,
  };
}

export function presserOf(interaction: BaseInteraction): Asker {
  const roles = interaction.member?.roles;
  return {
    id: interaction.user.id,
    roles: Array.isArray(roles) ? roles : [...(roles?.cache.keys() ?? [])],
    moderator: interaction.memberPermissions?.has(PermissionFlagsBits.ManageMessages) ?? false,
  };
}

/** Threads count as the channel they belong to, so that lists and limits need not name each one. */
export function placeOf(at: {
  readonly guildId: string | null;
  readonly channelId: string | null;
  readonly channel: TextBasedChannel | null;
}): Place {
  const parent = at.channel?.isThread() ? at.channel.parentId : null;
  return {
    ...(at.guildId !== null && { server: at.guildId }),
    channel: parent ?? at.channelId ?? 'unknown',
    direct: at.guildId === null,
  };
}

export function localeOf(message: Message): string {
  return message.guild?.preferredLocale ?? defaultLocale;
}
