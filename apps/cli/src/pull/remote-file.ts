import { setTimeout as delay } from 'node:timers/promises';
import { CodedError, hasCode } from '#libs/errors';

import { fetchPatiently } from './fetch-patiently.js';

const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 100;

/** A part of a file came cut off or not at all; trying again may help. */
class TransferError extends CodedError {
  constructor(sentence: string, options?: ErrorOptions) {
    super('transfer', sentence, options);
  }
}

/** A file on a server, read by ranges. */
export class RemoteFile {
  constructor(
    private readonly url: string,
    /** Changes when the file does. */
    readonly etag: string,
    readonly size: number,
    private readonly accessToken: string | undefined,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /**
   * Reads a range, and tries again when the connection breaks.
   * @throws CodedError `pull` when it keeps breaking, or when the server does not serve ranges; the reason of `signal`
   */
  async read(offset: number, length: number): Promise<Uint8Array> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.readOnce(offset, length);
      } catch (cause) {
        this.signal?.throwIfAborted();
        if (!(cause instanceof TransferError)) throw cause;
        if (attempt === ATTEMPTS) {
          throw new CodedError(
            'pull',
            `The download of ${this.url} failed ${ATTEMPTS} times: ${cause.message}. Run the same command again to go on where it stopped.`,
            { cause },
          );
        }
        await delay(FIRST_PAUSE_MS * 2 ** (attempt - 1));
      }
    }
  }

  private async readOnce(offset: number, length: number): Promise<Uint8Array> {
    const response = await this.request(offset, length);
    if (response.status === 200 && length < this.size) {
      await response.body?.cancel();
      throw new CodedError(
        'pull',
        `${new URL(this.url).origin} does not serve parts of files, which is needed to download large ones.`,
      );
    }
    if (!response.ok) throw new TransferError(`the server answers with status ${response.status}`);
    return readExactly(response, length);
  }

  private async request(offset: number, length: number): Promise<Response> {
    try {
      return await fetchPatiently(this.url, {
        headers: {
          range: `bytes=${offset}-${offset + length - 1}`,
          ...(this.accessToken && { authorization: `Bearer ${this.accessToken}` }),
        },
        signal: this.signal,
      });
    } catch (cause) {
      if (hasCode(cause, 'pull')) throw cause;
      throw new TransferError('the connection could not be made', { cause });
    }
  }
}

/** Never holds more than was asked for, whatever the server sends. */
async function readExactly(response: Response, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let done = 0;
  try {
    for await (const chunk of response.body ?? []) {
      if (done + chunk.length > length) throw new TransferError('the server sends more than was asked for');
      bytes.set(chunk, done);
      done += chunk.length;
    }
  } catch (cause) {
    if (cause instanceof TransferError) throw cause;
    throw new TransferError('the connection broke off', { cause });
  }
  if (done < length) throw new TransferError('the connection broke off');
  return bytes;
}
