import { Inject, Injectable } from '@nestjs/common';

import type { Engine, GenerateRequest, Segment } from '#libs/engine';
import {
  type CountTokensResponse,
  type EncodeImageResponse,
  type GenerateOnceResponse,
  type GenerateResponse,
  type GetModelResponse,
  imageNoticesToWire,
} from '#libs/protocol';

import { ENGINE, REQUEST_LIMITS } from '../providers.js';
import type { RequestLimits } from './admission.js';
import { generateOnceResponse, generateResponse, modelResponse } from './messages.js';
import { RunningRequests } from './running-requests.js';

/** Answers admitted requests with the engine. */
@Injectable()
export class ChatService {
  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    @Inject(REQUEST_LIMITS) private readonly limits: RequestLimits,
    private readonly requests: RunningRequests,
  ) {}

  async *generate(request: GenerateRequest, callerGone: AbortSignal): AsyncGenerator<GenerateResponse> {
    using running = this.requests.begin(callerGone);
    for await (const event of this.engine.generate(request, running.signal)) yield generateResponse(event);
  }

  async generateOnce(request: GenerateRequest, callerGone: AbortSignal): Promise<GenerateOnceResponse> {
    using running = this.requests.begin(callerGone);
    return await generateOnceResponse(this.engine.generate(request, running.signal));
  }

  async encodeImage(bytes: Uint8Array, callerGone: AbortSignal): Promise<EncodeImageResponse> {
    using running = this.requests.begin(callerGone);
    const image = await this.engine.encodeImage(bytes, running.signal);
    return { ...image, notices: imageNoticesToWire(image.notices) };
  }

  async countTokens(segments: readonly Segment[]): Promise<CountTokensResponse> {
    const { tokens, segmentTokens } = await this.engine.countTokens(segments);
    return { tokens, segmentTokens: [...segmentTokens] };
  }

  getModel(): GetModelResponse {
    return modelResponse(this.engine.manifest, this.engine.limits, this.limits);
  }
}
