import type { IncomingMessage, ServerResponse } from 'node:http';
import { HTTPModuleFunctions, HTTPReceiver, isRawBodyError } from '@slack/bolt';

type Options = ConstructorParameters<typeof HTTPReceiver>[0];

/**
 * Slack's requests over HTTP. Bolt looks into the body before it looks at what it is, in a function that nobody waits
 * for: a body of `null` would end the whole process (`HTTPReceiver.handleIncomingEvent`). A body that is no object is
 * answered here; all others are Bolt's to verify and to process.
 */
export class GuardedHttpReceiver extends HTTPReceiver {
  readonly #signingSecret: string;

  constructor(options: Options) {
    super(options);
    this.#signingSecret = options.signingSecret;
    const listen = this.requestListener;
    this.requestListener = (request, response) => {
      this.#refusal(request).then(
        (status) => {
          if (status === undefined) listen(request, response);
          else refuse(response, status);
        },
        (error: unknown) => refuse(response, isRawBodyError(error) ? error.statusCode : 400),
      );
    };
  }

  /** The status to refuse a request with: 401 where it is not signed by Slack, 400 where it is. */
  async #refusal(request: IncomingMessage): Promise<401 | 400 | undefined> {
    if (request.method !== 'POST') return undefined;
    // Bolt goes on with the body that is kept with the request.
    const buffered = await HTTPModuleFunctions.bufferIncomingMessage(
      request,
      HTTPModuleFunctions.defaultBodyLimit,
    );
    if (holdsObject(buffered)) return undefined;
    const verification = { enabled: true, signingSecret: this.#signingSecret };
    const isSigned = HTTPModuleFunctions.parseAndVerifyHTTPRequest(verification, buffered).then(
      () => true,
      () => false,
    );
    return (await isSigned) ? 400 : 401;
  }
}

function holdsObject(request: Parameters<typeof HTTPModuleFunctions.parseHTTPRequestBody>[0]): boolean {
  try {
    const body: unknown = HTTPModuleFunctions.parseHTTPRequestBody(request);
    return typeof body === 'object' && body !== null && !Array.isArray(body);
  } catch {
    return false;
  }
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { connection: 'close' }).end();
}
