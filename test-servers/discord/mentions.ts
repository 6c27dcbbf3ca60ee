import { PermissionFlagsBits } from 'discord.js';
import type { AllowedMentions } from './message-rules.js';
import { channelPermissions } from './permissions.js';
import type { Channel, State } from './state.js';

export interface Mentions {
  readonly userIds: string[];
  readonly roleIds: string[];
  readonly everyone: boolean;
  /** Whose clients ring. */
  readonly pinged: string[];
}

/**
 * Finds the mentions in a text and keeps those that `allowed_mentions` lets through: without it everything
 * found, with it what `parse` names and the listed ids, and the author replied to when `replied_user` says so
 * (Discord docs, Allowed Mentions Object). `@everyone` needs its permission too.
 */
export function mentionsIn(
  state: State,
  channel: Channel,
  authorId: string,
  content: string,
  repliedUserId: string | undefined,
  allowed: AllowedMentions | null | undefined,
): Mentions {
  const parses = (kind: 'users' | 'roles' | 'everyone') => !allowed || (allowed.parse ?? []).includes(kind);
  const found = (pattern: RegExp) => [...content.matchAll(pattern)].map((match) => match[1]!);

  const userIds = found(/<@!?(\d+)>/g).filter(
    (id) => state.users.has(id) && (parses('users') || allowed?.users?.includes(id)),
  );
  const pingsReply = repliedUserId !== undefined && (allowed ? allowed.replied_user === true : true);
  if (pingsReply) userIds.push(repliedUserId);

  const guild = state.guilds.get(channel.guildId ?? '');
  const roles = found(/<@&(\d+)>/g).filter(
    (id) => guild?.roles.has(id) && (parses('roles') || allowed?.roles?.includes(id)),
  );
  const mayPingAll = channelPermissions(state, channel, authorId) & PermissionFlagsBits.MentionEveryone;
  const everyone = /@(everyone|here)\b/.test(content) && parses('everyone') && mayPingAll !== 0n;

  const unique = [...new Set(userIds)];
  return {
    userIds: unique,
    roleIds: [...new Set(roles)],
    everyone,
    pinged: [
      ...unique.map((id) => state.users.get(id)!.username),
      ...roles.map((id) => `@${guild!.roles.get(id)!.name}`),
      ...(everyone ? ['@everyone'] : []),
    ],
  };
}
