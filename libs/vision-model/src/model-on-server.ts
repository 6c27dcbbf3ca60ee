import { setTimeout as sleep } from 'node:timers/promises';

import { createModelClient, imageFromBytes, type ModelInfo, ModelServerError } from '#libs/client';
import { buildPrompt, replyText } from '#libs/conversation';
import { CodedError } from '#libs/errors';

import { type Answer, UnusablePictureError, type VisionModel } from './vision-model.js';

/** The slots that a server has unless its operator says otherwise; it does not tell how many it has. */
const SLOTS = 8;

/** For the first call; a server that is there says what model it has at once. */
const CONNECT_SECONDS = 10;

/** Where a full queue does not say when to come back. */
const RETRY_SECONDS = 1;

/**
 * Connects to a model server.
 * @param address `host:port`
 * @throws CodedError `model-server` when none answers there, or it has no model yet
 */
export async function connectToModelServer(address: string): Promise<VisionModel> {
  const client = createModelClient({ address });
  const { name, template, maxImageBytes } = await client
    .getModel({ deadlineSeconds: CONNECT_SECONDS })
    .catch((cause: unknown): ModelInfo => {
      client.close();
      throw noServerError(address, cause);
    });

  async function ask(
    picture: Uint8Array,
    text: string,
    maxNewTokens: number | undefined,
    signal?: AbortSignal,
  ): Promise<Answer> {
    const { segments, stopSequences } = buildPrompt({
      template,
      turns: [{ role: 'user', images: [imageFromBytes(picture)], text }],
    });
    const request = { segments, stopSequences, maxNewTokens, sampling: { temperature: 0 } };
    for (;;) {
      try {
        const reply = await client.generateOnce(request, { signal });
        return {
          text: replyText(template, reply.text),
          finishReason: reply.reason,
          notices: reply.notices,
        };
      } catch (error) {
        if (!(error instanceof ModelServerError)) throw error;
        if (error.code === 'QUEUE_FULL') await pause(error.retryAfterSeconds ?? RETRY_SECONDS, signal);
        else throw unusablePicture(error) ?? error;
      }
    }
  }

  return {
    name,
    template,
    atOnce: SLOTS,
    maxImageBytes,
    ask: (picture, { text, maxNewTokens }, signal) => ask(picture, text, maxNewTokens, signal),
    close: async () => client.close(),
  };
}

async function pause(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  // Its own error, where it is aborted, is not the signal's reason.
  await sleep(seconds * 1_000, undefined, { signal }).catch(() => signal?.throwIfAborted());
}

function noServerError(address: string, cause: unknown): unknown {
  if (!(cause instanceof ModelServerError)) return cause;
  const sentence =
    cause.code === 'UNAVAILABLE' || cause.code === 'DEADLINE_EXCEEDED'
      ? `No model server can be reached at ${address}. Is it running, and is this the port of its gRPC?`
      : `The model server at ${address} does not answer: ${cause.message}`;
  return new CodedError('model-server', sentence, { cause });
}

function unusablePicture(cause: ModelServerError): UnusablePictureError | undefined {
  const isAtFault = cause.code === 'INVALID_IMAGE' || cause.refusedImages.length > 0;
  return isAtFault ? new UnusablePictureError(cause.message, { cause }) : undefined;
}
