import type { Metadata, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { Controller, UseFilters } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { Observable } from 'rxjs';

import type {
  CountTokensRequest,
  CountTokensResponse,
  EncodeImageRequest,
  EncodeImageResponse,
  GenerateOnceRequest,
  GenerateOnceResponse,
  GenerateRequest,
  GenerateResponse,
  GetModelResponse,
} from '#libs/protocol';

import { ServedModel } from '../served-model.js';
import { callerGone, streamed } from './calls.js';
import { ChatService } from './chat.service.js';
import { GrpcStatusFilter } from './grpc-status.filter.js';
import { generateRequestFromWire, segmentsFromWire } from './wire-requests.js';

/** `minigpt4.v1.ChatService`: says each request in the engine's terms, and hands it on with a signal of its caller's absence. */
@Controller()
@UseFilters(GrpcStatusFilter)
export class ChatController {
  constructor(
    private readonly model: ServedModel,
    private readonly chat: ChatService,
  ) {}

  @GrpcMethod('ChatService', 'generate')
  generate(
    request: GenerateRequest,
    _metadata: Metadata,
    call: ServerWritableStream<GenerateRequest, GenerateResponse>,
  ): Observable<GenerateResponse> {
    const signal = callerGone(call);
    return streamed(
      call,
      this.chat.generate(generateRequestFromWire(request, this.model.defaultStopSequences), signal),
    );
  }

  @GrpcMethod('ChatService', 'generateOnce')
  generateOnce(
    request: GenerateOnceRequest,
    _metadata: Metadata,
    call: ServerUnaryCall<GenerateOnceRequest, GenerateOnceResponse>,
  ): Promise<GenerateOnceResponse> {
    return this.chat.generateOnce(
      generateRequestFromWire(request, this.model.defaultStopSequences),
      callerGone(call),
    );
  }

  @GrpcMethod('ChatService', 'encodeImage')
  encodeImage(
    request: EncodeImageRequest,
    _metadata: Metadata,
    call: ServerUnaryCall<EncodeImageRequest, EncodeImageResponse>,
  ): Promise<EncodeImageResponse> {
    return this.chat.encodeImage(request.data, callerGone(call));
  }

  @GrpcMethod('ChatService', 'countTokens')
  countTokens(request: CountTokensRequest): Promise<CountTokensResponse> {
    return this.chat.countTokens(segmentsFromWire(request.segments));
  }

  @GrpcMethod('ChatService', 'getModel')
  getModel(): GetModelResponse {
    return this.chat.getModel();
  }
}
