import { HttpException, HttpStatus } from '@nestjs/common';
import { z } from 'zod';
import { ConversationError } from '#libs/conversation';
import { CodedError } from '#libs/errors';
import type { ErrorReason } from '#libs/protocol';

import { grpcStatus } from '../chat/grpc-status.js';
import { OpenAiRequestError } from './openai-request-error.js';

/** A model by a name that this server does not have. */
export class ModelNotFoundError extends CodedError {
  constructor(asked: string, loaded: string) {
    super('model-not-found', `The model "${asked}" does not exist here; this server has loaded "${loaded}".`);
  }
}

/** A failure as OpenAI's clients expect it. */
export interface OpenAiError {
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
  LOADING: 503,
  DRAINING: 503,
  CANCELLED: 499,
  INTERNAL: 500,
};

/** Says a failure in OpenAI's form. */
export function openAiError(exception: unknown): OpenAiError {
  if (exception instanceof z.ZodError) {
    const { path, message } = exception.issues[0]!;
    if (path.length === 0) {
      return refused(400, 'Send a JSON object, with the header "Content-Type: application/json".', null);
    }
    return refused(400, `${path.join('.')}: ${message}`, path.join('.'));
  }
  if (exception instanceof OpenAiRequestError) {
    return refused(400, exception.message, exception.param, exception.openAiCode);
  }
  if (exception instanceof ConversationError) return refused(400, exception.message, 'messages');
  if (exception instanceof ModelNotFoundError) {
    return refused(404, exception.message, 'model', 'model_not_found');
  }
  if (exception instanceof HttpException) return httpError(exception);
  const { reason, message } = grpcStatus(exception);
  const httpStatus = httpStatuses[reason];
  const type = httpStatus < 500 ? 'invalid_request_error' : 'server_error';
  const code = reason === 'PROMPT_TOO_LONG' ? 'context_length_exceeded' : reason.toLowerCase();
  return { httpStatus, reason, error: { message, type, param: null, code } };
}

function refused(
  httpStatus: number,
  message: string,
  param: string | null,
  code: string | null = null,
): OpenAiError {
  return {
    httpStatus,
    reason: 'INVALID_REQUEST',
    error: { message, type: 'invalid_request_error', param, code },
  };
}

/** Of a request that no handler saw: another address, or a body that cannot be read. */
function httpError(exception: HttpException): OpenAiError {
  const httpStatus = exception.getStatus();
  switch (httpStatus) {
    case HttpStatus.NOT_FOUND:
      return refused(
        httpStatus,
        `${exception.message}. This server has GET /v1/models and POST /v1/chat/completions.`,
        null,
        'unknown_url',
      );
    case HttpStatus.BAD_REQUEST:
      return refused(httpStatus, exception.message, null);
    default:
      return refused(httpStatus, exception.message, null);
  }
}
