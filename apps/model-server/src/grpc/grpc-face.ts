import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Server } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { Inject, Injectable } from '@nestjs/common';
import { type GrpcOptions, Transport } from '@nestjs/microservices';
import { HealthImplementation, protoPath as healthProto } from 'grpc-health-check';

import { ChatServiceService, protobufPackage } from '#libs/protocol';
import { hostAndPort, listen } from '#libs/serving';
import { repositoryRoot } from '#libs/start-up';
import { ByteBudget } from '../chat/byte-budget.js';
import type { ServerConfig } from '../config/environment.js';
import { SERVER_CONFIG } from '../providers.js';
import { boundMessages } from './bounded-messages.js';

const chatService = `${protobufPackage}.ChatService`;
const chatProto = join(repositoryRoot, 'proto/minigpt4/v1/chat_service.proto');

/** Of a message, beyond its images: text, and what the wire format adds. */
const bytesBesideImages = 2 ** 22;

/** The gRPC server: the chat service that Nest's controllers answer, beside standard health and reflection. */
@Injectable()
export class GrpcFace {
  private readonly health = new HealthImplementation({ '': 'NOT_SERVING', [chatService]: 'NOT_SERVING' });
  private server: Server | undefined;

  constructor(
    @Inject(SERVER_CONFIG) private readonly config: ServerConfig,
    private readonly budget: ByteBudget,
  ) {}

  /**
   * Finds out whether the port can be had, as the system says it: grpc-js says it in prose alone.
   * @throws CodedError `start-up`
   */
  async requirePort(): Promise<void> {
    const { GRPC_ADDRESS: host, GRPC_PORT: port } = this.config;
    const trial = createServer();
    await listen(trial, { host, port, hostSetting: 'GRPC_ADDRESS', portSetting: 'GRPC_PORT' });
    trial.close();
    await once(trial, 'close');
  }

  options(): GrpcOptions {
    const { GRPC_ADDRESS, GRPC_PORT, MAX_IMAGES, MAX_IMAGE_BYTES } = this.config;
    return {
      transport: Transport.GRPC,
      options: {
        url: hostAndPort(GRPC_ADDRESS, GRPC_PORT),
        package: protobufPackage,
        // The generated definitions rather than the .proto file, so that messages are those of libs/protocol.
        packageDefinition: { [chatService]: ChatServiceService },
        maxReceiveMessageLength: Math.max(1, MAX_IMAGES) * MAX_IMAGE_BYTES + bytesBesideImages,
        channelOptions: { interceptors: [boundMessages(this.budget)] },
        onLoadPackageDefinition: (_definition, server: Server) => {
          this.server = server;
          this.health.addToServer(server);
          // With the names of the fields as in the .proto files, which is what tools show and take.
          const described = loadSync([chatProto, healthProto], { keepCase: true });
          new ReflectionService(described).addToServer(server);
        },
      },
    };
  }

  /** Tells health checkers and load balancers whether to send requests. */
  setServing(serving: boolean): void {
    const status = serving ? 'SERVING' : 'NOT_SERVING';
    this.health.setStatus('', status);
    this.health.setStatus(chatService, status);
  }

  /** Lets what has been written reach the clients. Health watchers never hang up, so the wait has a limit. */
  async sendLastMessages(limitSeconds: number): Promise<void> {
    const server = this.server;
    if (!server) return;
    const ended = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
    await Promise.race([ended, sleep(limitSeconds * 1_000)]);
  }
}
