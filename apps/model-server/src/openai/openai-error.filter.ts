import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';

import { ConversationError } from '#libs/conversation';
import { QueueFullError } from '#libs/engine';
import type { ErrorReason } from '#libs/protocol';

import { grpcStatus } from '../chat/grpc-status.js';
import { ServerMetrics } from '../metrics/server-metrics.js';

/** A model by a name that this server does not have. */
export class ModelNotFoundError extends Error {
  override readonly name = 'ModelNotFoundError';

  constructor(asked: string, loaded: string) {
    super(`The model "${asked}" does not exist here; this server has loaded "${loaded}".`);
  }
}

/** A failure as OpenAI's clients expect it. */
interface OpenAiError {
  readonly httpStatus: number;
  readonly reason: ErrorReason;
  readonly error: {
    readonly message: string;
    readonly type: 'invalid_request_error' | 'server_error';
    readonly param: string | null;
    readonly code: string | null;
  };
}

const httpStatuses: Readonly<Record<ErrorReason, number>> = {
  INVALID_REQUEST: 400,
  PROMPT_TOO_LONG: 400,
  INVALID_IMAGE: 400,
  IMAGE_NOT_CACHED: 404,
  // The state of the server, not a limit of this client, so 503 rather than 429.
  QUEUE_FULL: 503,
  DRAINING: 503,
  CANCELLED: 499,
  INTERNAL: 500,
};

/** Answers a failed HTTP request, counts it, and logs what no client is to blame for. */
@Catch()
export class OpenAiErrorFilter implements ExceptionFilter<unknown> {
  private readonly logger = new Logger('OpenAi');

  constructor(private readonly metrics: ServerMetrics) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const { httpStatus, reason, error } = openAiError(exception);
    this.metrics.countFailure(reason);
    if (httpStatus === 500) this.logger.error(exception);
    if (exception instanceof QueueFullError) {
      response.setHeader('Retry-After', Math.ceil(exception.retryAfterSeconds));
    }
    if (!response.headersSent) response.status(httpStatus).json({ error });
    else response.end(`data: ${JSON.stringify({ error })}\n\n`);
  }
}

function openAiError(exception: unknown): OpenAiError {
  const malformed = (
    httpStatus: number,
    message: string,
    param: string,
    code: string | null,
  ): OpenAiError => ({
    httpStatus,
    reason: 'INVALID_REQUEST',
    error: { message, type: 'invalid_request_error', param, code },
  });
  if (exception instanceof z.ZodError) {
    const { path, message } = exception.issues[0]!;
    return malformed(400, `${path.join('.')}: ${message}`, path.join('.'), null);
  }
  if (exception instanceof ConversationError) return malformed(400, exception.message, 'messages', null);
  if (exception instanceof ModelNotFoundError) {
    return malformed(404, exception.message, 'model', 'model_not_found');
  }
  const { reason, message } = grpcStatus(exception);
  const httpStatus = httpStatuses[reason];
  const type = httpStatus < 500 ? 'invalid_request_error' : 'server_error';
  const code = reason === 'PROMPT_TOO_LONG' ? 'context_length_exceeded' : reason.toLowerCase();
  return { httpStatus, reason, error: { message, type, param: null, code } };
}
