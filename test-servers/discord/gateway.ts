import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { GatewayCloseCodes, GatewayIntentBits, GatewayOpcodes } from 'discord.js';
import { WebSocketServer } from 'ws';
import { z } from 'zod';
import { GatewaySession } from './gateway-session.js';
import type { Renderer } from './rendering.js';
import type { State } from './state.js';

const HEARTBEAT_INTERVAL_MS = 41_250;
/** "120 gateway events per connection every 60 seconds" (Discord docs, Gateway: rate limiting). */
const SENDS_PER_MINUTE = 120;
/** Guilds on one shard beyond which Discord demands sharding (Discord docs, Gateway: sharding). */
const MAX_GUILDS_PER_SHARD = 2500;

const PRIVILEGED_INTENTS =
  GatewayIntentBits.MessageContent | GatewayIntentBits.GuildMembers | GatewayIntentBits.GuildPresences;

const frame = z.object({ op: z.number(), d: z.unknown() });

const identify = z.object({
  token: z.string(),
  intents: z.number().int(),
  shard: z.tuple([z.number().int(), z.number().int()]).default([0, 1]),
});

const resume = z.object({ token: z.string(), session_id: z.string(), seq: z.number().int() });

/** The gateway: hello, identify, heartbeats, dispatches and resuming (Discord docs, Gateway). */
export class Gateway {
  readonly sessions = new Map<string, GatewaySession>();
  /** Every IDENTIFY that was accepted, with the intents it asked for. */
  readonly identifications: { readonly intents: number; readonly shard: readonly [number, number] }[] = [];
  /** Changes what is sent, to payloads that break their documentation. */
  distort: (event: string, payload: unknown) => unknown = (_event, payload) => payload;
  /** How often a client took up its session again. */
  resumed = 0;
  /** Events that are held back. */
  private held: (() => void)[] | undefined;
  private readonly sockets: WebSocketServer;

  constructor(
    server: Server,
    private readonly state: State,
    private readonly renderer: Renderer,
    private readonly url: () => string,
    /** Called when a client has identified or resumed. */
    private readonly arrived: () => void,
  ) {
    this.sockets = new WebSocketServer({ server, path: '/gateway/' });
    this.sockets.on('connection', (socket) => this.accept(socket));
  }

  /** Sends an event to the sessions that are entitled to it by shard and intents. */
  dispatch(
    event: string,
    guildId: string | null,
    intent: number,
    payload: (session: GatewaySession) => unknown,
  ): void {
    if (this.held) {
      this.held.push(() => this.dispatch(event, guildId, intent, payload));
      return;
    }
    for (const session of this.sessions.values()) {
      const subscribed = intent === 0 || (session.intents & intent) !== 0;
      if (subscribed && session.serves(guildId))
        session.dispatch(event, this.distort(event, payload(session)));
    }
  }

  /** Holds events back, as the gateway may tell of something later than REST does. @returns what lets them go */
  holdBack(): () => void {
    this.held ??= [];
    return () => {
      const held = this.held ?? [];
      this.held = undefined;
      for (const dispatch of held) dispatch();
    };
  }

  /** Cuts every connection without a goodbye, as a failing network does; sessions stay resumable. */
  dropConnections(): void {
    for (const socket of this.sockets.clients) socket.terminate();
  }

  /** Asks every client to reconnect and resume (opcode 7). */
  askToReconnect(): void {
    for (const session of this.sessions.values()) session.send({ op: GatewayOpcodes.Reconnect, d: null });
  }

  close(): void {
    for (const socket of this.sockets.clients) socket.terminate();
    this.sockets.close();
  }

  private accept(socket: import('ws').WebSocket): void {
    let session: GatewaySession | undefined;
    let lastHeartbeat = Date.now();
    const sends: number[] = [];
    socket.send(
      JSON.stringify({ op: GatewayOpcodes.Hello, d: { heartbeat_interval: HEARTBEAT_INTERVAL_MS } }),
    );
    const watchdog = setInterval(() => {
      if (Date.now() - lastHeartbeat > HEARTBEAT_INTERVAL_MS * 1.5) {
        socket.close(GatewayCloseCodes.SessionTimedOut, 'Session timed out');
      }
    }, HEARTBEAT_INTERVAL_MS);
    socket.on('close', (code) => {
      clearInterval(watchdog);
      session?.disconnected(socket);
      // A client that closes with 1000 or 1001 ends its session (Discord docs, Gateway: disconnections).
      if (session && (code === 1000 || code === 1001)) this.sessions.delete(session.id);
    });
    socket.on('message', (data) => {
      const now = Date.now();
      sends.push(now);
      while (sends[0]! < now - 60_000) sends.shift();
      if (sends.length > SENDS_PER_MINUTE) {
        socket.close(GatewayCloseCodes.RateLimited, 'You are being rate limited');
        return;
      }
      const message = frame.safeParse(JSON.parse(data.toString()));
      if (!message.success) {
        socket.close(GatewayCloseCodes.DecodeError, 'Error while decoding payload');
        return;
      }
      const { op, d } = message.data;
      switch (op) {
        case GatewayOpcodes.Heartbeat:
          lastHeartbeat = now;
          socket.send(JSON.stringify({ op: GatewayOpcodes.HeartbeatAck }));
          return;
        case GatewayOpcodes.Identify:
          if (session) socket.close(GatewayCloseCodes.AlreadyAuthenticated, 'Already authenticated');
          else session = this.identify(socket, d);
          return;
        case GatewayOpcodes.Resume:
          session = this.resume(socket, d);
          return;
        case GatewayOpcodes.PresenceUpdate:
        case GatewayOpcodes.RequestGuildMembers:
          if (!session) socket.close(GatewayCloseCodes.NotAuthenticated, 'Not authenticated');
          return;
        default:
          socket.close(GatewayCloseCodes.UnknownOpcode, 'Unknown opcode');
      }
    });
  }

  private identify(socket: import('ws').WebSocket, payload: unknown): GatewaySession | undefined {
    const parsed = identify.safeParse(payload);
    if (!parsed.success) {
      socket.close(GatewayCloseCodes.DecodeError, 'Error while decoding payload');
      return undefined;
    }
    const { token, intents, shard } = parsed.data;
    if (token !== this.state.application.token) {
      socket.close(GatewayCloseCodes.AuthenticationFailed, 'Authentication failed');
      return undefined;
    }
    if (shard[0] < 0 || shard[0] >= shard[1]) {
      socket.close(GatewayCloseCodes.InvalidShard, 'Invalid shard');
      return undefined;
    }
    const granted = this.state.application.messageContentIntent ? GatewayIntentBits.MessageContent : 0;
    if (intents & PRIVILEGED_INTENTS & ~granted) {
      socket.close(GatewayCloseCodes.DisallowedIntents, 'Disallowed intent(s)');
      return undefined;
    }
    const session = new GatewaySession(randomUUID().replaceAll('-', ''), intents, shard);
    const guilds = [...this.state.guilds.values()].filter(
      (guild) => guild.members.has(this.state.botUser.id) && session.serves(guild.id),
    );
    if (guilds.length > MAX_GUILDS_PER_SHARD) {
      socket.close(GatewayCloseCodes.ShardingRequired, 'Sharding required');
      return undefined;
    }
    session.connected(socket);
    this.sessions.set(session.id, session);
    this.identifications.push({ intents, shard });
    session.dispatch('READY', {
      v: 10,
      user: this.renderer.user(this.state.botUser),
      guilds: guilds.map(({ id }) => ({ id, unavailable: true })),
      session_id: session.id,
      resume_gateway_url: this.url(),
      shard,
      application: { id: this.state.application.id, flags: 0 },
    });
    if (intents & GatewayIntentBits.Guilds) {
      for (const guild of guilds) session.dispatch('GUILD_CREATE', this.renderer.guildCreate(guild));
    }
    this.arrived();
    return session;
  }

  private resume(socket: import('ws').WebSocket, payload: unknown): GatewaySession | undefined {
    const parsed = resume.safeParse(payload);
    const session = parsed.success ? this.sessions.get(parsed.data.session_id) : undefined;
    if (!parsed.success || !session || parsed.data.token !== this.state.application.token) {
      socket.send(JSON.stringify({ op: GatewayOpcodes.InvalidSession, d: false }));
      return undefined;
    }
    session.connected(socket);
    session.replayAfter(parsed.data.seq);
    session.dispatch('RESUMED', {});
    this.resumed++;
    this.arrived();
    return session;
  }
}
