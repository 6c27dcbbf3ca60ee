import { once } from 'node:events';

import { Body, Controller, Get, HttpCode, Inject, Param, Post, Res } from '@nestjs/common';
import type { Response } from 'express';

import { replyText } from '#libs/conversation';
import type { Engine, GenerateRequest } from '#libs/engine';

import { admitGenerate, type RequestLimits } from '../chat/admission.js';
import { ChatService } from '../chat/chat.service.js';
import { ENGINE, REQUEST_LIMITS } from '../providers.js';
import {
  type ChatCompletionRequest,
  chatCompletionRequest,
  generateRequest,
} from './chat-completion-request.js';
import {
  chatCompletion,
  chatCompletionChunk,
  type ReplyHeader,
  replyHeader,
  usageChunk,
} from './chat-completion-response.js';
import { ModelNotFoundError } from './openai-error.js';

/** OpenAI's HTTP interface, for programs that already speak it. */
@Controller('v1')
export class OpenAiController {
  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    @Inject(REQUEST_LIMITS) private readonly limits: RequestLimits,
    private readonly chat: ChatService,
  ) {}

  @Get('models')
  models() {
    return { object: 'list', data: [this.modelObject()] };
  }

  @Get('models/:model')
  model(@Param('model') model: string) {
    this.requireModel(model);
    return this.modelObject();
  }

  @Post('chat/completions')
  @HttpCode(200)
  async complete(@Body() body: unknown, @Res() response: Response): Promise<void> {
    const completion = chatCompletionRequest.parse(body);
    this.requireModel(completion.model);
    const { name, template } = this.engine.manifest;
    const request = admitGenerate(generateRequest(completion, template), this.limits);
    const callerGone = new AbortController();
    response.once('close', () => callerGone.abort());

    if (completion.stream) {
      await this.stream(replyHeader(name), completion, request, response, callerGone.signal);
    } else {
      const { text, finish } = await this.chat.generateOnce(request, callerGone.signal);
      response.json(chatCompletion(replyHeader(name), replyText(template, text), finish));
    }
  }

  /** Server-sent events at the client's pace. The head is sent with the first of them, so that a refusal has its status. */
  private async stream(
    header: ReplyHeader,
    { stream_options }: ChatCompletionRequest,
    request: GenerateRequest,
    response: Response,
    signal: AbortSignal,
  ): Promise<void> {
    const send = async (line: string) => {
      if (!response.headersSent) response.type('text/event-stream').setHeader('Cache-Control', 'no-cache');
      if (!response.write(`${line}\n\n`)) await once(response, 'drain', { signal });
    };
    const sendChunk = (chunk: object) => send(`data: ${JSON.stringify(chunk)}`);

    for await (const { event } of this.chat.generate(request, signal)) {
      if (event?.$case === 'queued') await send(`: ${event.value.position} requests ahead`);
      if (event?.$case === 'delta') await sendChunk(chatCompletionChunk(header, event.value.text));
      if (event?.$case === 'finish') {
        await sendChunk(chatCompletionChunk(header, undefined, event.value));
        if (stream_options?.include_usage) await sendChunk(usageChunk(header, event.value));
      }
    }
    await send('data: [DONE]');
    response.end();
  }

  private requireModel(asked: string): void {
    const { name } = this.engine.manifest;
    if (asked !== name) throw new ModelNotFoundError(asked, name);
  }

  private modelObject() {
    const { name } = this.engine.manifest;
    return { id: name, object: 'model', created: 0, owned_by: 'minigpt4-chat' };
  }
}
