import { Body, Controller, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import type { Response } from 'express';

import { placesIn, replyText } from '#libs/conversation';
import { untilDrained } from '../chat/calls.js';
import { ChatService } from '../chat/chat.service.js';
import { ServedModel } from '../served-model.js';
import {
  type ChatCompletionRequest,
  chatCompletionRequest,
  type TranslatedRequest,
  translateRequest,
} from './chat-completion-request.js';
import {
  chatCompletion,
  chatCompletionChunk,
  finishChunk,
  type ReplyHeader,
  replyHeader,
  usageChunk,
} from './chat-completion-response.js';
import { ImageAddresses } from './image-addresses.js';
import { ModelNotFoundError } from './openai-error.js';
import { inOpenAiTerms } from './openai-request-error.js';

/** OpenAI's HTTP interface, for programs that already speak it. */
@Controller('v1')
export class OpenAiController {
  constructor(
    private readonly served: ServedModel,
    private readonly chat: ChatService,
    private readonly addresses: ImageAddresses,
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
    const { manifest, limits } = this.served.engine;
    const completion = chatCompletionRequest.parse(body);
    this.requireModel(completion.model);
    const callerGone = new AbortController();
    response.once('close', () => callerGone.abort());
    const fetched = await this.addresses.fetch(completion, limits, callerGone.signal, (release) =>
      response.once('close', release),
    );
    const translated = translateRequest(completion, manifest.template, limits, fetched);
    const header = replyHeader(this.served.engine);
    try {
      if (completion.stream) {
        await this.stream(header, completion, translated, response, callerGone.signal);
      } else {
        const { text, finish, scores } = await this.chat.generateOnce(translated.request, callerGone.signal);
        const content = replyText(manifest.template, text);
        const places = placesIn(manifest.template, content);
        response.json(chatCompletion(header, content, places, scores, finish));
      }
    } catch (error) {
      throw inOpenAiTerms(error, translated);
    }
  }

  /** Server-sent events at the client's pace. The head is sent with the first of them, so that a refusal has its status. */
  private async stream(
    header: ReplyHeader,
    { stream_options }: ChatCompletionRequest,
    { request }: TranslatedRequest,
    response: Response,
    callerGone: AbortSignal,
  ): Promise<void> {
    const send = async (line: string, signal: AbortSignal) => {
      if (!response.headersSent) response.type('text/event-stream').setHeader('Cache-Control', 'no-cache');
      if (!response.write(`${line}\n\n`)) await untilDrained(response, signal);
    };
    const sendChunk = (chunk: object, signal: AbortSignal) => send(`data: ${JSON.stringify(chunk)}`, signal);

    for await (const { response: said, signal } of this.chat.generate(request, callerGone)) {
      const { event } = said;
      if (event?.$case === 'queued') await send(`: ${event.value.position} requests ahead`, signal);
      if (event?.$case === 'delta') await sendChunk(chatCompletionChunk(header, event.value), signal);
      if (event?.$case === 'finish') {
        await sendChunk(finishChunk(header, event.value), signal);
        if (stream_options?.include_usage) await sendChunk(usageChunk(header, event.value), signal);
      }
    }
    response.end('data: [DONE]\n\n');
  }

  private requireModel(asked: string): void {
    const { name } = this.served.engine.manifest;
    if (asked !== name) throw new ModelNotFoundError(asked, name);
  }

  private modelObject() {
    const { name } = this.served.engine.manifest;
    return { id: name, object: 'model', created: 0, owned_by: 'minigpt4-chat' };
  }
}
