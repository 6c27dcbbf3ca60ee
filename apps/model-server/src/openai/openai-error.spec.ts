import { BadRequestException, NotFoundException, PayloadTooLargeException } from '@nestjs/common';
import { z } from 'zod';

import { ConversationError } from '#libs/conversation';
import { EngineError, type ImageDigest } from '#libs/engine';

import { RequestBytesError } from '../chat/byte-budget.js';
import { DrainingError } from '../chat/running-requests.js';
import { ModelLoadingError } from '../served-model.js';
import { ModelNotFoundError, openAiError } from './openai-error.js';
import { inOpenAiTerms, OpenAiRequestError } from './openai-request-error.js';

const zodError = (shape: z.ZodType, value: unknown) => shape.safeParse(value).error;
const digest = 'a'.repeat(64) as ImageDigest;

describe("a failure in OpenAI's form", () => {
  it.each([
    ['no object', zodError(z.object({}), 'text'), 400, 'invalid_request_error', null, null],
    [
      'a wrong field',
      zodError(z.object({ n: z.number() }), { n: 'two' }),
      400,
      'invalid_request_error',
      null,
      'n',
    ],
    [
      'a refused part',
      new OpenAiRequestError('stop.0', 'too long', 'x'),
      400,
      'invalid_request_error',
      'x',
      'stop.0',
    ],
    ['a conversation', new ConversationError('odd'), 400, 'invalid_request_error', null, 'messages'],
    [
      'another model',
      new ModelNotFoundError('a', 'b'),
      404,
      'invalid_request_error',
      'model_not_found',
      'model',
    ],
    [
      'another address',
      new NotFoundException('Cannot GET /'),
      404,
      'invalid_request_error',
      'unknown_url',
      null,
    ],
    ['half a body', new BadRequestException('cut'), 400, 'invalid_request_error', null, null],
    ['a large body', new PayloadTooLargeException('large'), 413, 'invalid_request_error', null, null],
    [
      'a request',
      new EngineError({ code: 'invalid-request', fields: [] }),
      400,
      'invalid_request_error',
      'invalid_request',
      null,
    ],
    [
      'a long prompt',
      new EngineError({ code: 'context-length', promptTokens: 9, contextLength: 8 }),
      400,
      'invalid_request_error',
      'context_length_exceeded',
      null,
    ],
    [
      'an unknown image',
      new EngineError({ code: 'image-not-cached', digest }),
      404,
      'invalid_request_error',
      'image_not_cached',
      null,
    ],
    [
      'a full queue',
      new EngineError({ code: 'queue-full', retryAfterSeconds: 2 }),
      503,
      'server_error',
      'queue_full',
      null,
    ],
    ['a full memory', new RequestBytesError(), 503, 'server_error', 'queue_full', null],
    ['a model on its way', new ModelLoadingError(), 503, 'server_error', 'loading', null],
    ['the end of the server', new DrainingError(), 503, 'server_error', 'draining', null],
    ['the end of the engine', new EngineError({ code: 'closed' }), 503, 'server_error', 'draining', null],
    [
      'a caller who left',
      new DOMException('gone', 'AbortError'),
      499,
      'invalid_request_error',
      'cancelled',
      null,
    ],
    [
      'a defect',
      new EngineError({ code: 'failed', what: 'at /home/operator' }),
      500,
      'server_error',
      'internal',
      null,
    ],
  ])('says of %s what it is', (_what, failure, status, type, code, param) => {
    const { httpStatus, error } = openAiError(failure);
    expect({ httpStatus, ...error }).toEqual({
      httpStatus: status,
      type,
      code,
      param,
      message: expect.not.stringContaining('operator'),
    });
  });
});

describe("the engine's refusal of a translated request", () => {
  const places = { imagePaths: new Map([[1, 'messages.0.content.1.image_url']]), templateStops: 2 };
  const refused = (...path: (string | number)[]) =>
    inOpenAiTerms(
      new EngineError({ code: 'invalid-request', fields: [{ path, message: 'It is wrong.' }] }),
      places,
    );

  it.each([
    [['segments', 1, 'image'], 'messages.0.content.1.image_url'],
    [['segments', 0], 'messages'],
    [['sampling', 'topP'], 'top_p'],
    [['sampling', 'repetitionPenalty'], 'repetition_penalty'],
    [['sampling', 'seed'], 'seed'],
    [['maxNewTokens'], 'max_completion_tokens'],
    [['stopSequences'], 'stop'],
    [['stopSequences', 3], 'stop.1'],
    [['other'], 'other'],
  ])('of %j is of the field %s', (path, param) => {
    expect(refused(...path)).toMatchObject({ param, message: `${param}: It is wrong.` });
  });

  it('is left as it is where it is of something else', () => {
    const failure = new EngineError({ code: 'queue-full', retryAfterSeconds: 1 });
    expect(inOpenAiTerms(failure, places)).toBe(failure);
  });
});
