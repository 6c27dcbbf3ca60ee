import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Acknowledgement, acknowledgeWithinMs, type Delivered, type Delivery } from './delivery.js';

const pingEveryMs = 5_000;
const closeWithinMs = 500;

/**
 * Socket Mode: the app opens a WebSocket with a one-use ticket from apps.connections.open, hears `hello`, and answers
 * every envelope with its id (docs.slack.dev, "Using Socket Mode"). A payload goes to one of the open connections.
 */
export class SocketDelivery implements Delivery {
  private readonly sockets = new WebSocketServer({ noServer: true });
  private readonly tickets = new Set<string>();
  private readonly waiting = new Map<string, (response: Record<string, unknown>) => void>();
  private readonly pings: NodeJS.Timeout;
  /** How many connections were made so far. */
  greeted = 0;

  constructor(
    private readonly server: Server,
    private readonly connectionsChanged: () => void,
  ) {
    server.on('upgrade', this.upgrade);
    this.pings = setInterval(() => {
      for (const socket of this.sockets.clients) socket.ping();
    }, pingEveryMs);
  }

  /** The address of a new connection, good for one use. */
  openConnection(baseUrl: string): string {
    const ticket = randomUUID();
    this.tickets.add(ticket);
    return `${baseUrl.replace(/^http/, 'ws')}/link/?ticket=${ticket}`;
  }

  get connections(): number {
    return this.sockets.clients.size;
  }

  /** Asks the app to reconnect, as Slack does when it renews a container. */
  renewConnections(): void {
    for (const socket of this.sockets.clients) {
      socket.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' }));
    }
  }

  /** Breaks the connections without a word. */
  dropConnections(): void {
    for (const socket of this.sockets.clients) socket.terminate();
  }

  async deliver(delivered: Delivered): Promise<Acknowledgement> {
    const [socket] = this.sockets.clients;
    if (socket === undefined) return { outcome: 'failed', status: 0 };
    const envelopeId = randomUUID();
    const retry = delivered.kind === 'events_api' ? delivered.retry : undefined;
    socket.send(
      JSON.stringify({
        type: delivered.kind,
        envelope_id: envelopeId,
        payload: delivered.body,
        accepts_response_payload: delivered.kind !== 'events_api',
        ...(delivered.kind === 'events_api'
          ? { retry_attempt: retry?.attempt ?? 0, retry_reason: retry?.reason ?? '' }
          : {}),
      }),
    );
    return this.acknowledgement(envelopeId);
  }

  /** Sends an envelope with any payload, also one that Slack would not send, and waits for no acknowledgement. */
  async push(type: Delivered['kind'], payload: unknown): Promise<void> {
    for (const socket of this.sockets.clients) {
      socket.send(
        JSON.stringify({ type, envelope_id: randomUUID(), payload, accepts_response_payload: false }),
      );
    }
  }

  async close(): Promise<void> {
    clearInterval(this.pings);
    this.server.off('upgrade', this.upgrade);
    await Promise.all([...this.sockets.clients].map(closed));
    await new Promise((resolve) => this.sockets.close(resolve));
  }

  private acknowledgement(envelopeId: string): Promise<Acknowledgement> {
    return new Promise((resolve) => {
      const settle = (acknowledgement: Acknowledgement) => {
        clearTimeout(timer);
        this.waiting.delete(envelopeId);
        resolve(acknowledgement);
      };
      const timer = setTimeout(() => settle({ outcome: 'timed_out' }), acknowledgeWithinMs);
      this.waiting.set(envelopeId, (response) => settle({ outcome: 'acknowledged', response }));
    });
  }

  private readonly upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    const ticket = new URL(request.url ?? '', 'http://localhost').searchParams.get('ticket') ?? '';
    if (!this.tickets.delete(ticket)) {
      stream.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
      return;
    }
    this.sockets.handleUpgrade(request, stream, head, (socket) => this.greet(socket));
  };

  private greet(socket: WebSocket): void {
    socket.on('message', (data) => {
      const answer = JSON.parse(String(data)) as { envelope_id: string; payload?: Record<string, unknown> };
      this.waiting.get(answer.envelope_id)?.(answer.payload ?? {});
    });
    socket.on('close', this.connectionsChanged);
    this.greeted += 1;
    socket.send(JSON.stringify({ type: 'hello', num_connections: this.sockets.clients.size }));
    this.connectionsChanged();
  }
}

/** Ends a connection with the closing handshake, and without it when the other side is gone. */
async function closed(socket: WebSocket): Promise<void> {
  const end = new Promise((resolve) => socket.once('close', resolve));
  socket.close();
  const impatience = setTimeout(() => socket.terminate(), closeWithinMs);
  await end;
  clearTimeout(impatience);
}
