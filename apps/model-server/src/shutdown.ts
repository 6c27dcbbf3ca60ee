import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

import { endConnections } from '#libs/serving';
import { RunningRequests } from './chat/running-requests.js';
import type { ServerConfig } from './config/environment.js';
import { GrpcFace } from './grpc/grpc-face.js';
import { SERVER_CONFIG } from './providers.js';
import { ServedModel } from './served-model.js';

/** For what was written to reach its readers; who does not read is cut off. */
const secondsForLastMessages = 1;

/** Stops the server without cutting anybody off before their time: new requests are refused, running ones finish. */
@Injectable()
export class Shutdown implements BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly logger = new Logger('ModelServer');

  constructor(
    @Inject(SERVER_CONFIG) private readonly config: ServerConfig,
    private readonly model: ServedModel,
    private readonly requests: RunningRequests,
    private readonly grpc: GrpcFace,
    private readonly http: HttpAdapterHost,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    const { DRAIN_SECONDS } = this.config;
    this.grpc.setServing(false);
    if (this.requests.count > 0) {
      this.logger.log(`Shutting down: ${this.requests.count} requests may finish within ${DRAIN_SECONDS} s.`);
    }
    await this.requests.drain(DRAIN_SECONDS);
    await Promise.all([
      this.grpc.sendLastMessages(secondsForLastMessages),
      endConnections(this.http.httpAdapter.getHttpServer(), secondsForLastMessages),
    ]);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.model.close();
    this.logger.log('Stopped.');
  }
}
