import { BadRequestException, PayloadTooLargeException, UnsupportedMediaTypeException } from '@nestjs/common';
import type { Request, RequestHandler } from 'express';

import type { ByteBudget } from '../chat/byte-budget.js';
import { JsonShape, type StringBounds } from './json-shape.js';

/**
 * Reads bodies of JSON in bounded memory and time: not compressed, of at most `maxBytes`, within what all requests in
 * flight may hold, and neither nested nor split up beyond what a request needs, with strings within bounds. The bytes
 * count until the response is closed.
 * @param boundsOfStrings asked for each request, and throws what is to be said when none can be taken yet
 */
export function readJsonBodies(
  maxBytes: number,
  budget: ByteBudget,
  boundsOfStrings: () => StringBounds,
): RequestHandler {
  return async (request, response, next) => {
    if (!request.is('json')) return next();
    let held = 0;
    response.once('close', () => budget.give(held));
    try {
      const shape = new JsonShape(boundsOfStrings());
      const body = await readBody(request, maxBytes, (chunk) => {
        budget.take(chunk.length);
        held += chunk.length;
        shape.take(chunk);
      });
      request.body = parseJson(body);
      next();
    } catch (error) {
      // What is left is let through unread: a connection cut in the middle of a request would lose the answer.
      request.resume();
      next(error);
    }
  };
}

async function readBody(request: Request, maxBytes: number, take: (chunk: Buffer) => void): Promise<Buffer> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    throw new UnsupportedMediaTypeException(
      `The body is compressed (${encoding}). Send it as it is: pictures are compressed already.`,
    );
  }
  const tooLarge = () =>
    new PayloadTooLargeException(`The body is larger than ${maxBytes} bytes. Send fewer or smaller images.`);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge();
    take(chunk);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new BadRequestException(`The body is not JSON: ${(cause as Error).message}`, { cause });
  }
}
