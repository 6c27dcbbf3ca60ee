import { type DynamicModule, Module } from '@nestjs/common';

import { ByteBudget } from './chat/byte-budget.js';
import { ChatController } from './chat/chat.controller.js';
import { ChatService } from './chat/chat.service.js';
import { RunningRequests } from './chat/running-requests.js';
import type { ServerConfig } from './config/environment.js';
import { GrpcFace } from './grpc/grpc-face.js';
import { StatusController } from './http/status.controller.js';
import { ServerMetrics } from './metrics/server-metrics.js';
import { ImageAddresses } from './openai/image-addresses.js';
import { OpenAiController } from './openai/openai.controller.js';
import { SERVER_CONFIG } from './providers.js';
import { ServedModel } from './served-model.js';
import { Shutdown } from './shutdown.js';

@Module({
  controllers: [ChatController, OpenAiController, StatusController],
  providers: [ChatService, RunningRequests, GrpcFace, ImageAddresses, ServedModel, Shutdown],
})
export class ModelServerModule {}

/** The server, whose model is yet to come, and whose statistics go to `metrics`. */
export function modelServer(
  config: ServerConfig,
  metrics: ServerMetrics,
  maxBytesInFlight: number,
): DynamicModule {
  return {
    module: ModelServerModule,
    providers: [
      { provide: SERVER_CONFIG, useValue: config },
      { provide: ServerMetrics, useValue: metrics },
      { provide: ByteBudget, useValue: new ByteBudget(maxBytesInFlight) },
    ],
  };
}
