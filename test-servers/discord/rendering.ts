import type {
  APIChannel,
  APIGuild,
  APIGuildMember,
  APIMessage,
  APIRole,
  APIUser,
  GatewayGuildCreateDispatchData,
} from 'discord.js';
import { ChannelType, MessageReferenceType, MessageType } from 'discord.js';
import type { Cdn } from './cdn.js';
import { channelPermissions, maySee } from './permissions.js';
import type { Channel, Guild, Member, Message, Role, State, User } from './state.js';

/** Objects of the REST API and the gateway, made from what the server remembers. */
export class Renderer {
  constructor(
    private readonly state: State,
    private readonly cdn: Cdn,
  ) {}

  user(user: User): APIUser {
    return {
      id: user.id,
      username: user.username,
      discriminator: user.bot ? '0001' : '0',
      global_name: user.bot ? null : user.username,
      avatar: null,
      ...(user.bot && { bot: true }),
    };
  }

  userById(id: string): APIUser {
    return this.user(this.state.users.get(id)!);
  }

  member(member: Member): APIGuildMember {
    return { ...this.memberWithoutUser(member), user: this.userById(member.userId) };
  }

  memberWithoutUser(member: Member): Omit<APIGuildMember, 'user'> {
    return {
      roles: [...member.roleIds],
      joined_at: new Date(0).toISOString(),
      deaf: false,
      mute: false,
      flags: 0,
    } as unknown as Omit<APIGuildMember, 'user'>;
  }

  role(role: Role): APIRole {
    return {
      id: role.id,
      name: role.name,
      permissions: role.permissions.toString(),
      position: 0,
      color: 0,
      hoist: false,
      managed: false,
      mentionable: false,
      flags: 0,
      ...(role.ofBot !== undefined && { managed: true, tags: { bot_id: role.ofBot } }),
    } as unknown as APIRole;
  }

  guild(guild: Guild): APIGuild {
    return {
      id: guild.id,
      name: guild.name,
      owner_id: guild.ownerId,
      roles: [...guild.roles.values()].map((role) => this.role(role)),
      emojis: [],
      stickers: [],
      features: [],
      preferred_locale: 'en-US',
    } as unknown as APIGuild;
  }

  /** What `GUILD_CREATE` says of a guild to a bot that just connected. */
  guildCreate(guild: Guild): GatewayGuildCreateDispatchData {
    const visible = [...this.state.channels.values()].filter(
      (channel) => channel.guildId === guild.id && maySee(this.state, channel, this.state.botUser.id),
    );
    const members = [...guild.members.values()];
    return {
      ...this.guild(guild),
      member_count: members.length,
      members: members.map((member) => this.member(member)),
      channels: visible.filter(({ parentId }) => parentId === null).map((channel) => this.channel(channel)),
      threads: visible.filter(({ parentId }) => parentId !== null).map((channel) => this.channel(channel)),
      presences: [],
      voice_states: [],
      stage_instances: [],
      guild_scheduled_events: [],
      soundboard_sounds: [],
      joined_at: new Date(0).toISOString(),
      large: false,
      unavailable: false,
    } as unknown as GatewayGuildCreateDispatchData;
  }

  channel(channel: Channel): APIChannel {
    const base = {
      id: channel.id,
      type: channel.type,
      name: channel.name,
      last_message_id: this.state.messagesIn(channel.id).at(-1)?.id ?? null,
    };
    switch (channel.type) {
      case ChannelType.DM:
      case ChannelType.GroupDM: {
        const others = channel.recipientIds.filter((id) => id !== this.state.botUser.id);
        return { ...base, recipients: others.map((id) => this.userById(id)) } as unknown as APIChannel;
      }
      case ChannelType.PublicThread:
        return {
          ...base,
          guild_id: channel.guildId,
          parent_id: channel.parentId,
          owner_id: channel.ownerId,
          message_count: this.state.messagesIn(channel.id).length,
          member_count: 1,
          thread_metadata: {
            archived: channel.archived,
            locked: channel.locked,
            auto_archive_duration: 1440,
            archive_timestamp: new Date(0).toISOString(),
          },
        } as unknown as APIChannel;
      case ChannelType.GuildText:
        return {
          ...base,
          guild_id: channel.guildId,
          parent_id: null,
          position: 0,
          permission_overwrites: channel.overwrites.map(({ id, kind, allow, deny }) => ({
            id,
            type: kind === 'role' ? 0 : 1,
            allow: allow.toString(),
            deny: deny.toString(),
          })),
        } as unknown as APIChannel;
    }
  }

  /** The member and permission fields that an interaction carries about its user. */
  interactionMember(guild: Guild, channel: Channel, userId: string): object {
    const member = guild.members.get(userId) ?? { userId, roleIds: new Set<string>() };
    return {
      ...this.member(member),
      permissions: channelPermissions(this.state, channel, userId).toString(),
    };
  }

  /** The whole message, as its author sees it; `message-content.ts` decides what a bot gets of it. */
  message(message: Message): APIMessage {
    const isInteractionAnswer = message.interactionId !== undefined;
    const interaction = isInteractionAnswer ? this.state.interactions.get(message.interactionId!) : undefined;
    return {
      id: message.id,
      channel_id: message.channelId,
      author: this.userById(message.authorId),
      content: message.content,
      timestamp: new Date(message.createdAt).toISOString(),
      edited_timestamp: message.editedAt === undefined ? null : new Date(message.editedAt).toISOString(),
      tts: false,
      mention_everyone: message.mentionsEveryone,
      mentions: message.mentionedUserIds.map((id) => this.userById(id)),
      mention_roles: [...message.mentionedRoleIds],
      attachments: message.attachments.map((attachment) => this.cdn.render(message.channelId, attachment)),
      embeds: [...message.embeds],
      components: [...message.components],
      ...(message.stickers.length > 0 && { sticker_items: [...message.stickers] }),
      pinned: false,
      type: message.type,
      flags: message.flags,
      ...(message.nonce !== undefined && { nonce: message.nonce }),
      ...(isInteractionAnswer && { webhook_id: this.state.application.id }),
      ...(this.state.users.get(message.authorId)?.webhook && { webhook_id: message.authorId }),
      ...(interaction && {
        interaction_metadata: {
          id: interaction.id,
          type: interaction.type,
          user: this.userById(interaction.userId),
          authorizing_integration_owners: {},
        },
      }),
      ...this.reference(message),
    } as unknown as APIMessage;
  }

  private reference(message: Message): Partial<APIMessage> {
    if (message.snapshots.length > 0) {
      return {
        message_reference: {
          type: MessageReferenceType.Forward,
          channel_id: message.snapshots[0]?.of.channelId,
          message_id: message.snapshots[0]?.of.id,
        },
        message_snapshots: message.snapshots.map((snapshot) => ({
          message: {
            type: MessageType.Default,
            content: snapshot.content,
            attachments: snapshot.attachments.map((one) => this.cdn.render(message.channelId, one)),
            embeds: [...snapshot.embeds],
            components: [...snapshot.components],
            ...(snapshot.stickers.length > 0 && { sticker_items: [...snapshot.stickers] }),
            timestamp: new Date(snapshot.createdAt).toISOString(),
            edited_timestamp: null,
            mentions: [],
            mention_roles: [],
            flags: 0,
          },
        })),
      } as unknown as Partial<APIMessage>;
    }
    if (message.repliesTo === undefined) return {};
    const original = this.state.messages.get(message.repliesTo);
    const standing = original && original.deletedAt === undefined ? original : undefined;
    return {
      message_reference: {
        type: MessageReferenceType.Default,
        message_id: message.repliesTo,
        channel_id: message.channelId,
      },
      referenced_message: standing ? this.withoutReference(standing) : null,
    };
  }

  /** A referenced message does not carry its own reference in turn (Discord docs, Message Object). */
  private withoutReference(message: Message): APIMessage {
    const { referenced_message: _, ...rendered } = this.message({ ...message, repliesTo: undefined });
    return message.repliesTo === undefined
      ? rendered
      : {
          ...rendered,
          message_reference: {
            type: MessageReferenceType.Default,
            message_id: message.repliesTo,
            channel_id: message.channelId,
          },
        };
  }
}
