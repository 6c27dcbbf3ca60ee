import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { Response } from 'express';

import { isEngineFault } from '#libs/engine';

import { RequestBytesError } from '../chat/byte-budget.js';
import type { ServerMetrics } from '../metrics/server-metrics.js';
import { openAiError } from './openai-error.js';

/**
 * Answers a failed HTTP request in OpenAI's form, counts it where it got as far as a handler, and logs what no client
 * is to blame for.
 */
@Catch()
export class OpenAiErrorFilter implements ExceptionFilter<unknown> {
  private readonly logger = new Logger('OpenAi');

  constructor(private readonly metrics: ServerMetrics) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const { httpStatus, reason, error } = openAiError(exception);
    if (!(exception instanceof HttpException)) this.metrics.countFailure(reason);
    if (httpStatus === 500) this.logger.error(exception);
    const wait = secondsToWait(exception);
    if (wait !== undefined) response.setHeader('Retry-After', Math.ceil(wait));
    if (!response.headersSent) response.status(httpStatus).json({ error });
    else response.end(`data: ${JSON.stringify({ error })}\n\n`);
  }
}

function secondsToWait(exception: unknown): number | undefined {
  if (isEngineFault(exception, 'queue-full')) return exception.fault.retryAfterSeconds;
  return exception instanceof RequestBytesError ? exception.retryAfterSeconds : undefined;
}
