import { Logger, NotFoundException } from '@nestjs/common';
import { EngineError } from '#libs/engine';

import { RequestBytesError } from '../chat/byte-budget.js';
import { GrpcStatusFilter } from '../chat/grpc-status.filter.js';
import { OpenAiErrorFilter } from './openai-error.filter.js';

let errors: unknown[];
let failures: string[];
const metrics = { countFailure: (reason: string) => failures.push(reason) } as never;
const original = Logger.prototype.error;
beforeEach(() => {
  errors = [];
  failures = [];
  Logger.prototype.error = (error: unknown) => void errors.push(error);
});
afterEach(() => {
  Logger.prototype.error = original;
});

/** What a client gets of an exception. */
function answered(exception: unknown, headersSent = false) {
  const sent: Record<string, unknown> = {};
  const response = {
    headersSent,
    setHeader: (name: string, value: unknown) => {
      sent[name] = value;
    },
    status: (status: number) => {
      sent.status = status;
      return { json: (body: unknown) => Object.assign(sent, { body }) };
    },
    end: (line: string) => {
      sent.line = line;
    },
  };
  const host = { switchToHttp: () => ({ getResponse: () => response }) };
  new OpenAiErrorFilter(metrics).catch(exception, host as never);
  return sent;
}

describe('a failed request', () => {
  it('is answered, counted and logged where the server is to blame', () => {
    const defect = new TypeError('A defect.');
    expect(answered(defect)).toMatchObject({ status: 500, body: { error: { code: 'internal' } } });
    expect([failures, errors]).toEqual([['INTERNAL'], [defect]]);
  });

  it('is not logged where the client is, and not counted where no handler saw it', () => {
    expect(answered(new NotFoundException('Cannot GET /'))).toMatchObject({ status: 404 });
    expect([failures, errors]).toEqual([[], []]);
    expect(
      answered(new EngineError({ code: 'context-length', promptTokens: 9, contextLength: 8 })),
    ).toMatchObject({
      status: 400,
    });
    expect([failures, errors]).toEqual([['PROMPT_TOO_LONG'], []]);
  });

  it('says when to come again, in whole seconds', () => {
    expect(answered(new EngineError({ code: 'queue-full', retryAfterSeconds: 2.5 }))).toMatchObject({
      'Retry-After': 3,
      status: 503,
    });
    expect(answered(new RequestBytesError())).toMatchObject({ 'Retry-After': 2 });
    expect(answered(new TypeError('x'))).not.toHaveProperty('Retry-After');
  });

  it('ends the stream that has begun', () => {
    const { line, status } = answered(new TypeError('A defect.'), true);
    expect(status).toBeUndefined();
    expect(line).toMatch(/^data: {"error":{"message":.*}}\n\n$/);
  });
});

describe('a failed call over gRPC', () => {
  const statusOf = (error: unknown) =>
    new Promise((resolve) => {
      new GrpcStatusFilter(metrics).catch(error).subscribe({ error: resolve });
    });

  it('ends with its status, is counted, and logged where the server is to blame', async () => {
    const defect = new TypeError('A defect.');
    await expect(statusOf(defect)).resolves.toMatchObject({ reason: 'INTERNAL' });
    await expect(statusOf(new RequestBytesError())).resolves.toMatchObject({ reason: 'QUEUE_FULL' });
    expect([failures, errors]).toEqual([['INTERNAL', 'QUEUE_FULL'], [defect]]);
  });
});
