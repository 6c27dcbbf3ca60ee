import { Injectable, Logger } from '@nestjs/common';
import { type Client, GatewayDispatchEvents, type REST } from 'discord.js';

import { Metrics } from '../../metrics/metrics.js';
import { type PayloadShapes, payloadShapes } from './payload-shapes.js';

/** Routes that answer with a message or a page of them. */
const messageRoute = /^\/(?:channels\/\d+\/messages(?:\/\d+)?|webhooks\/\d+\/[^/]+(?:\/messages\/[^/]+)?)$/;

interface Packet {
  readonly t: string;
  d: unknown;
}

/** How discord.js reads what the gateway sends. It is no public method of discord.js 14, but each packet passes it. */
interface PacketReader {
  handlePacket(packet: Packet | undefined, shard: unknown): boolean;
}

/**
 * Stands between Discord and discord.js, which constructs its objects without looking and throws, out of everybody's
 * reach, at a null where there should be a list. What others posted is read item by item here first; a packet that
 * discord.js cannot construct all the same is passed over.
 */
@Injectable()
export class PayloadGuard {
  private readonly reported = new Set<string>();
  private readonly shapes: PayloadShapes;

  constructor(
    private readonly metrics: Metrics,
    private readonly logger: Logger,
  ) {
    this.shapes = payloadShapes((kind) => this.reportLeftOut(kind));
  }

  /** Watches over everything that a client is sent. */
  watch(client: Client): void {
    const reader = client.ws as unknown as PacketReader;
    const read = reader.handlePacket.bind(reader);
    reader.handlePacket = (packet, shard) => {
      try {
        if (packet && !this.makeReadable(packet)) return true;
        return read(packet, shard);
      } catch (error) {
        this.metrics.countUnreadable('discord');
        this.logger.error(
          `An event of Discord (${packet?.t}) cannot be read and is passed over: ${String(error)}`,
        );
        return true;
      }
    };
    this.watchAnswers(client.rest);
  }

  private watchAnswers(rest: REST): void {
    const send = rest.request.bind(rest);
    rest.request = async (request) => {
      const answer = await send(request);
      const holdsMessages = request.method !== 'DELETE' && messageRoute.test(request.fullRoute);
      return holdsMessages ? this.readAnswer(answer) : answer;
    };
  }

  /** False for a packet of which nothing can be made. */
  private makeReadable(packet: Packet): boolean {
    const shape = this.shapeOf(packet.t);
    if (!shape) return true;
    const { success, data } = shape.safeParse(packet.d);
    if (success) packet.d = data;
    else this.reportLeftOut(packet.t);
    return success;
  }

  private shapeOf(event: string) {
    switch (event) {
      case GatewayDispatchEvents.MessageCreate:
        return this.shapes.message;
      case GatewayDispatchEvents.MessageUpdate:
        return this.shapes.update;
      case GatewayDispatchEvents.MessageDelete:
        return this.shapes.deletion;
      case GatewayDispatchEvents.MessageDeleteBulk:
        return this.shapes.deletions;
      case GatewayDispatchEvents.InteractionCreate:
        return this.shapes.interaction;
      default:
        return undefined;
    }
  }

  /** A message or a page of messages. */
  private readAnswer(answer: unknown): unknown {
    if (!Array.isArray(answer)) return this.readMessage(answer)[0] ?? answer;
    return answer.flatMap((item) => this.readMessage(item));
  }

  private readMessage(item: unknown): unknown[] {
    const { success, data } = this.shapes.message.safeParse(item);
    if (success) return [data];
    this.reportLeftOut('message');
    return [];
  }

  private reportLeftOut(kind: string): void {
    this.metrics.countUnreadable('discord');
    if (this.reported.has(kind)) return;
    this.reported.add(kind);
    this.logger.warn(
      `Discord sent something (${kind}) that cannot be read; it is left out. More of this kind is counted only.`,
    );
  }
}
