import { ChannelType, PermissionFlagsBits, RESTJSONErrorCodes } from 'discord.js';
import type { Upload } from './cdn.js';
import { badRequest, DiscordRestError, forbidden } from './errors.js';
import { channelPermissions } from './permissions.js';
import type { Channel, State } from './state.js';

/** Only a post opens an archived thread again, and nothing a locked one (Discord docs, Threads: archived threads). */
export function checkOpen(channel: Channel): void {
  if (channel.archived)
    throw badRequest(RESTJSONErrorCodes.InvalidActionOnArchivedThread, 'Thread is archived');
}

/** A post in an archived thread opens it, unless it is locked. */
export function openByPost(channel: Channel): void {
  channel.archived = false;
}

/** "Message was blocked by automatic moderation"; who manages the server is exempt (Discord docs, Auto Moderation). */
export function checkAutoMod(
  state: State,
  channel: Channel,
  authorId: string,
  content: string | null | undefined,
): void {
  const words = state.guilds.get(channel.guildId ?? '')?.blockedWords ?? [];
  const mayAnything = channelPermissions(state, channel, authorId) & PermissionFlagsBits.ManageGuild;
  if (mayAnything || !words.some((word) => content?.toLowerCase().includes(word.toLowerCase()))) return;
  throw badRequest(
    RESTJSONErrorCodes.MessageWasBlockedByAutomaticModeration,
    'Message was blocked by automatic moderation',
  );
}

/** The limit depends on the server's boosts (Discord docs, Reference: Uploading Files). */
export function checkUploads(state: State, channel: Channel, uploads: readonly Upload[]): void {
  const limit = state.guilds.get(channel.guildId ?? '')?.uploadLimit ?? Number.POSITIVE_INFINITY;
  if (uploads.every(({ bytes }) => bytes.length <= limit)) return;
  throw new DiscordRestError(413, RESTJSONErrorCodes.RequestEntityTooLarge, 'Request entity too large');
}

/** People may refuse direct messages of whom they do not know. */
export function checkRecipient(state: State, channel: Channel, authorId: string): void {
  if (channel.type !== ChannelType.DM || authorId !== state.botUser.id) return;
  const [person] = channel.recipientIds.filter((id) => id !== authorId);
  if (state.users.get(person ?? '')?.takesDirectMessages !== false) return;
  throw forbidden(RESTJSONErrorCodes.CannotSendMessagesToThisUser, 'Cannot send messages to this user');
}
