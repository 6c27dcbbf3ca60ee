import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type APIMessage, ChannelType, GatewayIntentBits, type LocaleString } from 'discord.js';
import { patienceMs } from '../time/patience.js';
import { Cdn } from './cdn.js';
import { Gateway } from './gateway.js';
import { FIRST_RESPONSE_MS, Interactions } from './interactions.js';
import type { Internals } from './internals.js';
import { MessageBoard } from './message-board.js';
import { visibleTo } from './message-content.js';
import { maySee } from './permissions.js';
import { type BucketRule, OBSERVED_RULES, RateLimits } from './rate-limits.js';
import { Renderer } from './rendering.js';
import { applicationRoutes } from './rest/application-routes.js';
import { interactionRoutes } from './rest/interaction-routes.js';
import { messageRoutes } from './rest/message-routes.js';
import { Router } from './rest/router.js';
import { type Channel, type Guild, type Interaction, type Message, type Role, State } from './state.js';
import { TestUser } from './test-user.js';
import { printTranscript, type ShownMessage, shown, transcriptOf } from './transcript.js';
import { Changes } from './until.js';

export interface DiscordServerOptions {
  readonly botName?: string;
  readonly token?: string;
  /** Whether the privileged intent is switched on in the developer portal. */
  readonly messageContentIntent?: boolean;
  readonly rateLimits?: Readonly<Record<string, BucketRule>>;
  readonly recommendedShards?: number;
}

/** A Discord for tests: REST, gateway and CDN on one loopback port, and the people who use it. */
export class DiscordServer implements Internals {
  readonly state: State;
  readonly rateLimits: RateLimits;
  readonly router: Router;
  readonly renderer: Renderer;
  readonly board: MessageBoard;
  readonly gateway: Gateway;
  readonly interactions: Interactions;
  readonly cdn: Cdn;
  readonly recommendedShards: number;
  /** What bots are told of messages, by id, in place of what Discord would say: payloads that break their documentation. */
  readonly distortions = new Map<string, (message: APIMessage) => unknown>();
  private readonly http: Server;
  private readonly changes = new Changes();
  private readonly users = new Map<string, TestUser>();

  private constructor(options: DiscordServerOptions) {
    this.state = new State(
      options.botName ?? 'Lumen',
      options.token ?? 'test.discord.token',
      options.messageContentIntent ?? false,
    );
    this.recommendedShards = options.recommendedShards ?? 1;
    this.rateLimits = new RateLimits({ ...OBSERVED_RULES, ...options.rateLimits });
    this.cdn = new Cdn(this.state.clock, () => this.origin);
    this.renderer = new Renderer(this.state, this.cdn);
    this.board = new MessageBoard(this.state, {
      created: (message) => this.announce('MESSAGE_CREATE', message),
      updated: (message) => this.announce('MESSAGE_UPDATE', message),
      unfurled: (message) => this.announcePreview(message),
      deleted: (message) => this.announceDeletion(message),
    });
    this.router = new Router(this.state.application.token, this.rateLimits, () => this.changes.happened());
    // A busy machine can be away for the 5 s after which Node closes a connection, in the moment it is used again.
    this.http = createServer({ keepAliveTimeout: 0 }, (request, response) => {
      const url = new URL(request.url ?? '/', this.origin);
      if (/^\/(?:attachments|stickers|emojis)\//.test(url.pathname)) this.cdn.serve(url, response);
      else void this.router.handle(request, response, url);
    });
    this.gateway = new Gateway(
      this.http,
      this.state,
      this.renderer,
      () => this.gatewayUrl,
      () => this.changes.happened(),
    );
    this.interactions = new Interactions(this.state, this.renderer, this.gateway, this.board);
    messageRoutes(this.router, this);
    applicationRoutes(this.router, this);
    interactionRoutes(this.router, this);
  }

  static async start(options: DiscordServerOptions = {}): Promise<DiscordServer> {
    const server = new DiscordServer(options);
    await new Promise<void>((resolve) => server.http.listen(0, '127.0.0.1', resolve));
    return server;
  }

  async close(): Promise<void> {
    this.state.clock.close();
    this.gateway.close();
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  /** What discord.js takes as `rest.api`. */
  get apiUrl(): string {
    return `${this.origin}/api`;
  }

  get gatewayUrl(): string {
    return `${this.origin.replace('http', 'ws')}/gateway/`;
  }

  get token(): string {
    return this.state.application.token;
  }

  /** A server (guild) with the bot in it, unless said otherwise. */
  guild(name: string, options: { readonly botInstalled?: boolean } = {}): Guild {
    return this.state.addGuild(name, options);
  }

  /** A new role of a server, which bots hear of (Discord docs, Guild Role Create). */
  role(guild: Guild, name: string, permissions = 0n): Role {
    const role = this.state.addRole(guild, name, permissions);
    this.gateway.dispatch('GUILD_ROLE_CREATE', guild.id, GatewayIntentBits.Guilds, () => ({
      guild_id: guild.id,
      role: this.renderer.role(role),
    }));
    return role;
  }

  textChannel(guild: Guild, name = 'general'): Channel {
    return this.state.addChannel({
      type: ChannelType.GuildText,
      name,
      guildId: guild.id,
      parentId: null,
      ownerId: null,
      recipientIds: [],
    });
  }

  /** The person of this name, a member of every server there is. */
  user(name: string, options: { readonly locale?: LocaleString } = {}): TestUser {
    let user = this.users.get(name);
    if (!user) {
      user = new TestUser(this, this.state.addUser(name, options));
      this.users.set(name, user);
    }
    for (const guild of this.state.guilds.values()) {
      if (!guild.members.has(user.id)) this.state.addMember(guild, user.id);
    }
    return user;
  }

  /** Another bot. */
  machine(name: string): TestUser {
    const known = this.users.get(name);
    if (known) return known;
    this.users.set(name, new TestUser(this, this.state.addUser(name, { bot: true })));
    return this.user(name);
  }

  /** A webhook says something, as feeds do. */
  async webhook(name: string, channel: Channel, content: string): Promise<Message> {
    const author = this.state.addUser(name, { bot: true, webhook: true });
    return this.board.send(channel, author.id, { content }, [], { byWebhook: true });
  }

  repliesTo({ id }: Message): Message[] {
    return [...this.state.messages.values()].filter(({ repliesTo }) => repliesTo === id);
  }

  directMessages(user: TestUser): Channel {
    return this.state.directMessageChannel(user.id);
  }

  /** A private conversation of people, without the bot. */
  groupChat(...people: readonly TestUser[]): Channel {
    return this.state.addChannel({
      type: ChannelType.GroupDM,
      name: 'group',
      guildId: null,
      parentId: null,
      ownerId: people[0]?.id ?? null,
      recipientIds: people.map(({ id }) => id),
    });
  }

  /** Starts a thread from a message, whose id it takes over (Discord docs, Threads). */
  openThread(message: Message, name: string, ownerId: string): Channel {
    const parent = this.state.channels.get(message.channelId)!;
    const thread = this.state.addChannel(
      {
        type: ChannelType.PublicThread,
        name,
        guildId: parent.guildId,
        parentId: parent.id,
        ownerId,
        recipientIds: [],
      },
      message.id,
    );
    this.gateway.dispatch('THREAD_CREATE', parent.guildId, GatewayIntentBits.Guilds, () => ({
      ...this.renderer.channel(thread),
      newly_created: true,
    }));
    return thread;
  }

  /** Takes permissions in a channel away from the bot, which hears of it. */
  deny(channel: Channel, permissions: bigint): void {
    channel.overwrites.push({ id: this.state.botUser.id, kind: 'member', allow: 0n, deny: permissions });
    this.gateway.dispatch('CHANNEL_UPDATE', channel.guildId, GatewayIntentBits.Guilds, () =>
      this.renderer.channel(channel),
    );
  }

  /** What proxy bots such as PluralKit do: a message is posted again by a webhook in another name, and deleted. */
  async proxy(message: Message, name: string, order: 'posted first' | 'deleted first'): Promise<Message> {
    const channel = this.state.channels.get(message.channelId)!;
    const author = this.state.addUser(name, { bot: true, webhook: true });
    const post = () => this.board.sendByWebhook(channel, author.id, message);
    const posted = order === 'posted first' ? await post() : undefined;
    this.board.delete(message, this.state.guilds.get(channel.guildId ?? '')!.ownerId);
    return posted ?? post();
  }

  typed(userId: string, channel: Channel): void {
    this.state.typing.push({ userId, channelId: channel.id, at: this.state.clock.now() });
  }

  /** The message as the REST API gives it to the bot: the portal's switch decides about its content. */
  messageForRest(message: Message): APIMessage {
    const rendered = this.renderer.message(message);
    return this.distorted(
      this.state.application.messageContentIntent ? rendered : this.withoutContent(message, rendered),
    );
  }

  transcript(channel: Channel): ShownMessage[] {
    return transcriptOf(this.state, channel.id);
  }

  shown(message: { readonly id: string }): ShownMessage {
    return shown(this.state, this.state.messages.get(message.id)!);
  }

  /** The interactions that Discord showed as "The application did not respond". */
  unansweredInteractions(): Interaction[] {
    const now = this.state.clock.lived();
    return [...this.state.interactions.values()].filter(
      ({ response, waitingSince }) => response === 'none' && now - waitingSince > FIRST_RESPONSE_MS,
    );
  }

  /** The answer to an interaction, once there is one. */
  answerTo(interaction: Interaction): ShownMessage | undefined {
    const { originalMessageId } = interaction;
    return originalMessageId === undefined ? undefined : this.shown({ id: originalMessageId });
  }

  /**
   * Waits until `condition` gives something truthy; it is asked again after every change on the server.
   * @throws Error with `what` and the whole transcript when it takes longer than `timeoutMs`
   */
  async until<T>(
    what: string,
    condition: () => T | undefined | false | null,
    timeoutMs = patienceMs,
  ): Promise<T> {
    return this.changes.until(condition, timeoutMs, () => {
      const channels = [...this.state.channels.values()].filter(
        ({ id }) => this.state.messagesIn(id).length > 0,
      );
      const transcripts = channels.map(
        (channel) => `# ${channel.name}\n${printTranscript(this.transcript(channel))}`,
      );
      const failures = this.router.requests.filter(({ status }) => status >= 400);
      return new Error(
        `Waited in vain until ${what}.\n${transcripts.join('\n')}\n` +
          failures.map(({ route, status }) => `${status} ${route}`).join('\n'),
      );
    });
  }

  private announce(event: 'MESSAGE_CREATE' | 'MESSAGE_UPDATE', message: Message): void {
    if (message.visibleOnlyTo === undefined) {
      this.sendEvent(event, message, (session) => {
        const rendered = this.renderer.message(message);
        const mayRead = (session.intents & GatewayIntentBits.MessageContent) !== 0;
        return this.distorted({
          ...(mayRead ? rendered : this.withoutContent(message, rendered)),
          ...this.fieldsOfPlace(message),
        });
      });
    }
    this.changes.happened();
  }

  /** Without the content intent the update is empty, also when the message mentions the bot (discord-api-docs#5406). */
  private announcePreview(message: Message): void {
    this.sendEvent('MESSAGE_UPDATE', message, ({ intents }) => {
      const rendered = { ...this.renderer.message(message), ...this.fieldsOfPlace(message) };
      const mayRead = (intents & GatewayIntentBits.MessageContent) !== 0;
      return mayRead ? rendered : { ...rendered, content: '', embeds: [], attachments: [], components: [] };
    });
    this.changes.happened();
  }

  private announceDeletion(message: Message): void {
    const { guildId } = this.state.channels.get(message.channelId)!;
    this.sendEvent('MESSAGE_DELETE', message, () => ({
      id: message.id,
      channel_id: message.channelId,
      ...(guildId && { guild_id: guildId }),
    }));
    this.changes.happened();
  }

  private sendEvent(event: string, message: Message, payload: Parameters<Gateway['dispatch']>[3]): void {
    const channel = this.state.channels.get(message.channelId)!;
    if (!maySee(this.state, channel, this.state.botUser.id)) return;
    const intent = channel.guildId ? GatewayIntentBits.GuildMessages : GatewayIntentBits.DirectMessages;
    this.gateway.dispatch(event, channel.guildId, intent, payload);
  }

  private withoutContent(message: Message, rendered: APIMessage): APIMessage {
    const channel = this.state.channels.get(message.channelId)!;
    return visibleTo(this.state.botUser.id, channel.type === ChannelType.DM, rendered);
  }

  private distorted(message: APIMessage): APIMessage {
    const { referenced_message: referenced } = message;
    const shown = referenced ? { ...message, referenced_message: this.distorted(referenced) } : message;
    const distort = this.distortions.get(message.id);
    return distort ? (distort(shown) as APIMessage) : shown;
  }

  private fieldsOfPlace(message: Message): object {
    const channel = this.state.channels.get(message.channelId)!;
    const guild = this.state.guilds.get(channel.guildId ?? '');
    const member = guild?.members.get(message.authorId);
    return {
      channel_type: channel.type,
      ...(guild && { guild_id: guild.id }),
      ...(member && { member: this.renderer.memberWithoutUser(member) }),
    };
  }
}
