import { GatewayOpcodes } from 'discord.js';
import type { WebSocket } from 'ws';

interface Dispatch {
  readonly op: GatewayOpcodes.Dispatch;
  readonly t: string;
  readonly s: number;
  readonly d: unknown;
}

/** One identified client of the gateway; it outlives its connection so that it can be resumed. */
export class GatewaySession {
  private readonly sent: Dispatch[] = [];
  private socket: WebSocket | undefined;

  constructor(
    readonly id: string,
    readonly intents: number,
    readonly shard: readonly [index: number, count: number],
  ) {}

  /** A guild lives on shard `(guild_id >> 22) % shards`, direct messages on shard 0 (Discord docs, Sharding). */
  serves(guildId: string | null): boolean {
    const [index, count] = this.shard;
    return index === (guildId === null ? 0 : Number((BigInt(guildId) >> 22n) % BigInt(count)));
  }

  connected(socket: WebSocket): void {
    this.socket = socket;
  }

  disconnected(socket: WebSocket): void {
    if (this.socket === socket) this.socket = undefined;
  }

  /** Sends an event, or keeps it for the time when the client resumes. */
  dispatch(event: string, payload: unknown): void {
    const dispatch: Dispatch = {
      op: GatewayOpcodes.Dispatch,
      t: event,
      s: this.sent.length + 1,
      d: payload,
    };
    this.sent.push(dispatch);
    this.send(dispatch);
  }

  /** Sends again what the client missed (Discord docs, Gateway: resuming). */
  replayAfter(sequence: number): void {
    for (const dispatch of this.sent.filter(({ s }) => s > sequence)) this.send(dispatch);
  }

  send(frame: object): void {
    this.socket?.send(JSON.stringify(frame));
  }
}
