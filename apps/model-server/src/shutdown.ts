import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationShutdown,
} from '@nestjs/common';

import type { Engine } from '#libs/engine';

import { RunningRequests } from './chat/running-requests.js';
import type { ServerConfig } from './config/environment.js';
import { GrpcFace } from './grpc/grpc-face.js';
import { ENGINE, SERVER_CONFIG } from './providers.js';

/** Stops the server without cutting anybody off: new requests are refused, running ones finish. */
@Injectable()
export class Shutdown implements BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly logger = new Logger('ModelServer');

  constructor(
    @Inject(SERVER_CONFIG) private readonly config: ServerConfig,
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly requests: RunningRequests,
    private readonly grpc: GrpcFace,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    const { DRAIN_SECONDS } = this.config;
    this.grpc.setServing(false);
    if (this.requests.count > 0) {
      this.logger.log(`Shutting down: ${this.requests.count} requests may finish within ${DRAIN_SECONDS} s.`);
    }
    await this.requests.drain(DRAIN_SECONDS);
    await this.grpc.sendLastMessages();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.engine.close();
    this.logger.log('Stopped.');
  }
}
