import { ChannelType, PermissionFlagsBits, RESTJSONErrorCodes } from 'discord.js';
import { forbidden } from './errors.js';
import type { Channel, Guild, State } from './state.js';

const ALL = Object.values(PermissionFlagsBits).reduce((all, flag) => all | flag, 0n);

/** A user's permissions in a whole server (Discord docs, Permissions: computing base permissions). */
export function guildPermissions(guild: Guild, userId: string): bigint {
  const member = guild.members.get(userId);
  if (!member) return 0n;
  if (guild.ownerId === userId) return ALL;
  let permissions = guild.roles.get(guild.id)?.permissions ?? 0n;
  for (const roleId of member.roleIds) permissions |= guild.roles.get(roleId)?.permissions ?? 0n;
  return permissions & PermissionFlagsBits.Administrator ? ALL : permissions;
}

/**
 * A user's permissions in a channel: base permissions, then the overwrites of `@everyone`, of the user's roles
 * and of the user, in that order (Discord docs, Permissions: permission overwrites). A thread takes its
 * parent's, and in a direct message the participants may do what a direct message offers.
 */
export function channelPermissions(state: State, channel: Channel, userId: string): bigint {
  if (channel.type === ChannelType.DM || channel.type === ChannelType.GroupDM) {
    return channel.recipientIds.includes(userId) ? ALL : 0n;
  }
  const ruling = channel.parentId ? (state.channels.get(channel.parentId) ?? channel) : channel;
  const guild = state.guilds.get(ruling.guildId ?? '');
  if (!guild) return 0n;
  const base = guildPermissions(guild, userId);
  if (base === ALL) return ALL;
  const member = guild.members.get(userId);
  if (!member) return 0n;

  const everyone = ruling.overwrites.filter((overwrite) => overwrite.id === guild.id);
  const roles = ruling.overwrites.filter((overwrite) => member.roleIds.has(overwrite.id));
  const own = ruling.overwrites.filter((overwrite) => overwrite.id === userId);
  let permissions = base;
  for (const level of [everyone, roles, own]) {
    const denied = level.reduce((sum, { deny }) => sum | deny, 0n);
    const allowed = level.reduce((sum, { allow }) => sum | allow, 0n);
    permissions = (permissions & ~denied) | allowed;
  }
  return permissions & PermissionFlagsBits.ViewChannel ? permissions : 0n;
}

export function maySee(state: State, channel: Channel, userId: string): boolean {
  return (channelPermissions(state, channel, userId) & PermissionFlagsBits.ViewChannel) !== 0n;
}

/** Throws what Discord answers when the user lacks the permission in the channel. */
export function requirePermission(state: State, channel: Channel, userId: string, permission: bigint): void {
  const permissions = channelPermissions(state, channel, userId);
  if (!(permissions & PermissionFlagsBits.ViewChannel)) {
    throw forbidden(RESTJSONErrorCodes.MissingAccess, 'Missing Access');
  }
  if ((permissions & permission) !== permission) {
    throw forbidden(RESTJSONErrorCodes.MissingPermissions, 'Missing Permissions');
  }
}

/** The permission to write in a channel; threads have their own. */
export function sendPermission(channel: Channel): bigint {
  return channel.type === ChannelType.PublicThread
    ? PermissionFlagsBits.SendMessagesInThreads
    : PermissionFlagsBits.SendMessages;
}
