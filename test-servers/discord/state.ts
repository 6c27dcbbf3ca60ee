import { randomBytes } from 'node:crypto';
import type {
  APIApplicationCommand,
  APIEmbed,
  APIMessageTopLevelComponent,
  APIStickerItem,
  InteractionType,
  LocaleString,
  MessageType,
} from 'discord.js';
import { ChannelType, PermissionFlagsBits } from 'discord.js';
import { Clock, SnowflakeSource } from './clock.js';

export interface User {
  readonly id: string;
  readonly username: string;
  readonly bot: boolean;
  /** Not a bot of its own but what a webhook posts as. */
  readonly webhook: boolean;
  readonly locale: LocaleString;
  /** Whether strangers may write to this person. */
  takesDirectMessages: boolean;
}

export interface Role {
  readonly id: string;
  readonly name: string;
  permissions: bigint;
  /** The bot that Discord made the role for (Discord docs, Role Tags). */
  readonly ofBot?: string;
}

export interface Member {
  readonly userId: string;
  readonly roleIds: Set<string>;
}

export interface Guild {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  readonly roles: Map<string, Role>;
  readonly members: Map<string, Member>;
  /** Words that AutoMod lets nobody say. */
  readonly blockedWords: string[];
  /** The largest file that the server takes, which depends on its boosts. */
  uploadLimit: number;
}

export interface Overwrite {
  readonly id: string;
  readonly kind: 'role' | 'member';
  readonly allow: bigint;
  readonly deny: bigint;
}

export interface Channel {
  readonly id: string;
  readonly type: ChannelType.GuildText | ChannelType.DM | ChannelType.GroupDM | ChannelType.PublicThread;
  readonly name: string;
  readonly guildId: string | null;
  readonly parentId: string | null;
  readonly ownerId: string | null;
  readonly recipientIds: readonly string[];
  readonly overwrites: Overwrite[];
  /** Of threads: nobody may post in a locked one, and nothing but a post opens an archived one again. */
  archived: boolean;
  locked: boolean;
}

export interface Attachment {
  readonly id: string;
  readonly filename: string;
  readonly contentType: string | undefined;
  readonly bytes: Buffer;
  readonly size: { readonly width: number; readonly height: number } | null;
  description: string | undefined;
}

/** What a reader saw in the message's place for a while. */
export interface Revision {
  readonly at: number;
  readonly content: string;
  readonly components: readonly APIMessageTopLevelComponent[];
}

export interface MessageSnapshot {
  readonly of: { readonly id: string; readonly channelId: string };
  readonly content: string;
  readonly attachments: readonly Attachment[];
  readonly embeds: readonly APIEmbed[];
  readonly components: readonly APIMessageTopLevelComponent[];
  readonly stickers: readonly APIStickerItem[];
  readonly createdAt: number;
}

export interface Message {
  readonly id: string;
  readonly channelId: string;
  readonly authorId: string;
  readonly type: MessageType;
  readonly createdAt: number;
  readonly nonce: string | undefined;
  readonly repliesTo: string | undefined;
  readonly snapshots: readonly MessageSnapshot[];
  readonly stickers: readonly APIStickerItem[];
  /** The user who alone sees the message, when it is ephemeral. */
  readonly visibleOnlyTo: string | undefined;
  /** The interaction the message answers. */
  readonly interactionId: string | undefined;
  content: string;
  attachments: Attachment[];
  embeds: readonly APIEmbed[];
  components: readonly APIMessageTopLevelComponent[];
  flags: number;
  mentionedUserIds: string[];
  mentionedRoleIds: string[];
  mentionsEveryone: boolean;
  /** Names of those whose client rang: users, `@everyone` or role names. */
  pinged: readonly string[];
  editedAt: number | undefined;
  deletedAt: number | undefined;
  revisions: Revision[];
}

export type InteractionResponse = 'none' | 'deferred' | 'answered';

export interface Interaction {
  readonly id: string;
  readonly token: string;
  readonly type: InteractionType;
  readonly userId: string;
  readonly channelId: string;
  readonly createdAt: number;
  /** On the clock's lived time, in which the bot has to answer. */
  readonly waitingSince: number;
  /** The bot is not a member here: the asker installed the app for themselves. */
  readonly userInstalledOnly: boolean;
  /** The name of the command, when it is one. */
  readonly command: string | undefined;
  /** The message whose component was used. */
  readonly sourceMessageId: string | undefined;
  response: InteractionResponse;
  respondedAt: number | undefined;
  ephemeral: boolean;
  originalMessageId: string | undefined;
  followUps: number;
  modal: { readonly customId: string; readonly title: string; readonly components: unknown } | undefined;
}

export interface Application {
  readonly id: string;
  readonly token: string;
  /** Whether the privileged intent is switched on in the developer portal. */
  messageContentIntent: boolean;
}

/** Everyone's permissions in a new server: what Discord gives `@everyone` that matters to messages. */
const EVERYONE =
  PermissionFlagsBits.ViewChannel |
  PermissionFlagsBits.SendMessages |
  PermissionFlagsBits.SendMessagesInThreads |
  PermissionFlagsBits.CreatePublicThreads |
  PermissionFlagsBits.ReadMessageHistory |
  PermissionFlagsBits.AttachFiles |
  PermissionFlagsBits.EmbedLinks |
  PermissionFlagsBits.AddReactions |
  PermissionFlagsBits.UseApplicationCommands |
  PermissionFlagsBits.UseExternalApps;

/** Everything the server remembers. Nothing in here enforces a rule. */
export class State {
  readonly clock = new Clock();
  readonly snowflakes = new SnowflakeSource(this.clock);
  readonly users = new Map<string, User>();
  readonly guilds = new Map<string, Guild>();
  readonly channels = new Map<string, Channel>();
  readonly messages = new Map<string, Message>();
  readonly interactions = new Map<string, Interaction>();
  readonly globalCommands: APIApplicationCommand[] = [];
  readonly guildCommands = new Map<string, APIApplicationCommand[]>();
  readonly typing: { readonly userId: string; readonly channelId: string; readonly at: number }[] = [];
  readonly application: Application;
  readonly botUser: User;

  constructor(botName: string, token: string, messageContentIntent: boolean) {
    this.botUser = this.addUser(botName, { bot: true });
    this.application = { id: this.botUser.id, token, messageContentIntent };
  }

  addUser(username: string, { bot = false, webhook = false, locale = 'en-US' as LocaleString } = {}): User {
    const id = this.snowflakes.next();
    const user = { id, username, bot, webhook, locale, takesDirectMessages: true };
    this.users.set(user.id, user);
    return user;
  }

  /** A server owned by nobody in the tests, so that no test user is all-powerful by accident. */
  addGuild(name: string, { botInstalled = true } = {}): Guild {
    const id = this.snowflakes.next();
    const owner = this.addUser(`owner of ${name}`);
    const guild: Guild = {
      id,
      name,
      ownerId: owner.id,
      roles: new Map([[id, { id, name: '@everyone', permissions: EVERYONE }]]),
      members: new Map(),
      blockedWords: [],
      uploadLimit: 10 * 1024 * 1024,
    };
    this.guilds.set(id, guild);
    this.addMember(guild, owner.id);
    if (botInstalled) this.install(guild);
    return guild;
  }

  /** A bot that is invited gets a role of its own. */
  private install(guild: Guild): void {
    const { id, username } = this.botUser;
    const role = { id: this.snowflakes.next(), name: username, permissions: 0n, ofBot: id };
    guild.roles.set(role.id, role);
    this.addMember(guild, id).roleIds.add(role.id);
  }

  addMember(guild: Guild, userId: string): Member {
    const member = { userId, roleIds: new Set<string>() };
    guild.members.set(userId, member);
    return member;
  }

  addRole(guild: Guild, name: string, permissions: bigint): Role {
    const role = { id: this.snowflakes.next(), name, permissions };
    guild.roles.set(role.id, role);
    return role;
  }

  addChannel(
    channel: Omit<Channel, 'id' | 'overwrites' | 'archived' | 'locked'>,
    id = this.snowflakes.next(),
  ): Channel {
    const added = { ...channel, id, overwrites: [], archived: false, locked: false };
    this.channels.set(id, added);
    return added;
  }

  directMessageChannel(userId: string): Channel {
    for (const channel of this.channels.values()) {
      if (channel.type === ChannelType.DM && channel.recipientIds.includes(userId)) return channel;
    }
    return this.addChannel({
      type: ChannelType.DM,
      name: `DM with ${this.users.get(userId)?.username}`,
      guildId: null,
      parentId: null,
      ownerId: null,
      recipientIds: [userId, this.botUser.id],
    });
  }

  /** The messages of a channel that still stand, oldest first. */
  messagesIn(channelId: string): Message[] {
    return [...this.messages.values()].filter(
      (message) => message.channelId === channelId && message.deletedAt === undefined,
    );
  }

  newInteractionToken(): string {
    return randomBytes(48).toString('base64url');
  }
}
