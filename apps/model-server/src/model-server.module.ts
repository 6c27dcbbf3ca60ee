import { type DynamicModule, Module } from '@nestjs/common';

import { stopSequencesOf } from '#libs/conversation';
import type { Engine } from '#libs/engine';

import type { RequestLimits } from './chat/admission.js';
import { ChatController } from './chat/chat.controller.js';
import { ChatService } from './chat/chat.service.js';
import { RunningRequests } from './chat/running-requests.js';
import type { ServerConfig } from './config/environment.js';
import { GrpcFace } from './grpc/grpc-face.js';
import { StatusController } from './http/status.controller.js';
import { ServerMetrics } from './metrics/server-metrics.js';
import { OpenAiController } from './openai/openai.controller.js';
import { ENGINE, REQUEST_LIMITS, SERVER_CONFIG } from './providers.js';
import { Shutdown } from './shutdown.js';

@Module({
  controllers: [ChatController, OpenAiController, StatusController],
  providers: [ChatService, RunningRequests, GrpcFace, Shutdown],
})
export class ModelServerModule {}

/** The server around a loaded engine, whose statistics go to `metrics`. */
export function modelServer(config: ServerConfig, engine: Engine, metrics: ServerMetrics): DynamicModule {
  const limits: RequestLimits = {
    maxImages: config.MAX_IMAGES,
    maxImageBytes: config.MAX_IMAGE_BYTES,
    contextLength: engine.limits.contextLength,
    defaultStopSequences: stopSequencesOf(engine.manifest.template),
  };
  return {
    module: ModelServerModule,
    providers: [
      { provide: SERVER_CONFIG, useValue: config },
      { provide: ENGINE, useValue: engine },
      { provide: REQUEST_LIMITS, useValue: limits },
      { provide: ServerMetrics, useValue: metrics },
    ],
  };
}
