import type { Metadata, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { Controller, UseFilters, UsePipes } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { Observable } from 'rxjs';

import type { GenerateRequest, Segment } from '#libs/engine';
import type {
  CountTokensResponse,
  EncodeImageResponse,
  GenerateOnceResponse,
  GenerateResponse,
  GetModelResponse,
} from '#libs/protocol';

import { AdmitGenerate, AdmitImageFile, AdmitPrompt } from './admission.pipes.js';
import { callerGone, streamed } from './calls.js';
import { ChatService } from './chat.service.js';
import { GrpcStatusFilter } from './grpc-status.filter.js';

type UnaryCall = ServerUnaryCall<unknown, unknown>;

/** `minigpt4.v1.ChatService`. The pipes turn messages into what the engine takes, or refuse them. */
@Controller()
@UseFilters(GrpcStatusFilter)
export class ChatController {
  constructor(private readonly chat: ChatService) {}

  @GrpcMethod('ChatService', 'generate')
  @UsePipes(AdmitGenerate)
  generate(
    request: GenerateRequest,
    _metadata: Metadata,
    call: ServerWritableStream<unknown, GenerateResponse>,
  ): Observable<GenerateResponse> {
    const signal = callerGone(call);
    return streamed(call, signal, this.chat.generate(request, signal));
  }

  @GrpcMethod('ChatService', 'generateOnce')
  @UsePipes(AdmitGenerate)
  generateOnce(
    request: GenerateRequest,
    _metadata: Metadata,
    call: UnaryCall,
  ): Promise<GenerateOnceResponse> {
    return this.chat.generateOnce(request, callerGone(call));
  }

  @GrpcMethod('ChatService', 'encodeImage')
  @UsePipes(AdmitImageFile)
  encodeImage(bytes: Uint8Array, _metadata: Metadata, call: UnaryCall): Promise<EncodeImageResponse> {
    return this.chat.encodeImage(bytes, callerGone(call));
  }

  @GrpcMethod('ChatService', 'countTokens')
  @UsePipes(AdmitPrompt)
  countTokens(segments: Segment[]): Promise<CountTokensResponse> {
    return this.chat.countTokens(segments);
  }

  @GrpcMethod('ChatService', 'getModel')
  getModel(): GetModelResponse {
    return this.chat.getModel();
  }
}
