import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** What a request to `POST /chat/completions` said. */
export interface CompletionRequest {
  readonly model: string;
  readonly temperature: number;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

export type ScriptedReply =
  | { readonly text: string }
  | { readonly status: number; readonly error: object; readonly headers?: Readonly<Record<string, string>> }
  /** No answer ever comes. */
  | 'silence';

export interface ScriptedEndpoint {
  /** To be given as the base URL. */
  readonly address: string;
  readonly requests: readonly (CompletionRequest & { readonly headers: IncomingHttpHeaders })[];
  close(): Promise<void>;
}

/** An OpenAI-compatible endpoint that says what the test tells it to. */
export async function startScriptedEndpoint(
  reply: (request: CompletionRequest, number: number) => ScriptedReply,
): Promise<ScriptedEndpoint> {
  const requests: (CompletionRequest & { headers: IncomingHttpHeaders })[] = [];
  // A busy machine can be away for the 5 s after which Node closes a connection, in the moment it is used again.
  const server = createServer({ keepAliveTimeout: 0 }, async (request, response) => {
    const completion = (await json(request)) as CompletionRequest;
    requests.push({ ...completion, headers: request.headers });
    const answer = reply(completion, requests.length);
    if (answer === 'silence') return;
    const isError = 'status' in answer;
    response.writeHead(isError ? answer.status : 200, {
      'content-type': 'application/json',
      ...(isError && answer.headers),
    });
    response.end(JSON.stringify(isError ? { error: answer.error } : completionOf(answer.text)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function completionOf(text: string): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'scripted',
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: text } }],
    usage: { prompt_tokens: 100, completion_tokens: 40, total_tokens: 140 },
  };
}
