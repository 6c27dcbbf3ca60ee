import { Injectable } from '@nestjs/common';

import type { GenerateRequest, Segment } from '#libs/engine';
import {
  type CountTokensResponse,
  type EncodeImageResponse,
  type GenerateOnceResponse,
  type GenerateResponse,
  type GetModelResponse,
  imageNoticesToWire,
} from '#libs/protocol';

import { ServedModel } from '../served-model.js';
import { generateOnceResponse, generateResponse, modelResponse } from './messages.js';
import { RunningRequests } from './running-requests.js';

/** Answers requests with the engine, which checks them. */
@Injectable()
export class ChatService {
  constructor(
    private readonly model: ServedModel,
    private readonly requests: RunningRequests,
  ) {}

  /**
   * Streams a reply. A writer that waits for its reader must wait with the signal that each event comes with: the
   * server cannot end before it does.
   */
  async *generate(
    request: GenerateRequest,
    callerGone: AbortSignal,
  ): AsyncGenerator<{ readonly response: GenerateResponse; readonly signal: AbortSignal }> {
    using running = this.requests.begin(callerGone);
    const { signal } = running;
    const { engine } = this.model;
    let said = '';
    for await (const event of engine.generate(request, signal)) {
      if (event.kind === 'delta') said += event.text;
      yield { response: generateResponse(event, engine.manifest.template, said), signal };
    }
  }

  async generateOnce(request: GenerateRequest, callerGone: AbortSignal): Promise<GenerateOnceResponse> {
    using running = this.requests.begin(callerGone);
    const { engine } = this.model;
    return await generateOnceResponse(engine.generate(request, running.signal), engine.manifest.template);
  }

  async encodeImage(bytes: Uint8Array, callerGone: AbortSignal): Promise<EncodeImageResponse> {
    using running = this.requests.begin(callerGone);
    const image = await this.model.engine.encodeImage(bytes, running.signal);
    return { ...image, notices: imageNoticesToWire(image.notices) };
  }

  async countTokens(segments: readonly Segment[]): Promise<CountTokensResponse> {
    const { tokens, segmentTokens } = await this.model.engine.countTokens(segments);
    return { tokens, segmentTokens: [...segmentTokens] };
  }

  getModel(): GetModelResponse {
    return modelResponse(this.model.engine.manifest, this.model.engine.limits);
  }
}
