import type { IncomingMessage, ServerResponse } from 'node:http';
import { ZodError } from 'zod';
import { DiscordRestError, invalidForm } from '../errors.js';
import type { RateLimits } from '../rate-limits.js';
import { type ParsedBody, parseBody } from './body.js';

export interface RestRequest extends ParsedBody {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
}

/** Answers a request with the JSON to send; `undefined` becomes 204 No Content. */
export type Handler = (request: RestRequest) => Promise<unknown> | unknown;

interface Route {
  readonly name: string;
  readonly method: string;
  readonly pattern: RegExp;
  readonly handler: Handler;
  /** Routes with an interaction token in their path need no other authentication. */
  readonly isOpen: boolean;
}

const MAX_REQUEST_BYTES = 25 * 1024 * 1024;

/** One request as it was received, for tests that ask what went over the wire. */
export interface RecordedRequest {
  readonly route: string;
  readonly path: string;
  readonly status: number;
  readonly at: number;
}

/** Routes of the REST API, with authentication, rate limits and Discord's form of errors. */
export class Router {
  readonly requests: RecordedRequest[] = [];
  private readonly routes: Route[] = [];
  private readonly outages: { route: string; status: number; times: number }[] = [];

  constructor(
    private readonly token: string,
    private readonly rateLimits: RateLimits,
    /** Called after every request that was granted. */
    private readonly answered: () => void,
  ) {}

  /** @param name method and path with `:parameters`, e.g. `GET /channels/:channel` */
  on(name: string, handler: Handler): void {
    const [method, path] = name.split(' ') as [string, string];
    const pattern = new RegExp(`^${path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
    this.routes.push({ name, method, pattern, handler, isOpen: path.includes(':token') });
  }

  /** Lets the next `times` requests of a route fail with a server error, as Discord sometimes does. */
  failNext(route: string, status: number, times = 1): void {
    this.outages.push({ route, status, times });
  }

  async handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const path = url.pathname.replace(/^\/api(\/v10)?/, '');
    const found = this.find(request.method ?? 'GET', path);
    const send = (status: number, body: unknown, headers: Record<string, string> = {}) => {
      this.requests.push({ route: found?.route.name ?? 'unknown', path, status, at: Date.now() });
      const json = body === undefined ? undefined : JSON.stringify(body);
      response
        .writeHead(status, { ...headers, ...(json && { 'content-type': 'application/json' }) })
        .end(json);
    };
    const parsed = await parseBody(request, MAX_REQUEST_BYTES).catch((error: Error) => error);
    if (!found) return send(404, { message: '404: Not Found', code: 0 });
    if (!found.route.isOpen && request.headers.authorization !== `Bot ${this.token}`) {
      return send(401, { message: '401: Unauthorized', code: 0 });
    }
    const verdict = this.rateLimits.check(found.route.name, majorParameter(found.params));
    if (!verdict.allowed) {
      const body = {
        message: 'You are being rate limited.',
        retry_after: verdict.retryAfter,
        global: verdict.global,
      };
      return send(429, body, verdict.headers);
    }
    const outage = this.outages.find((one) => one.route === found.route.name && one.times > 0);
    if (outage) {
      outage.times--;
      return send(outage.status, { message: 'Service Unavailable', code: 0 }, verdict.headers);
    }
    try {
      if (parsed instanceof Error) throw parsed;
      const result = await found.route.handler({ ...parsed, params: found.params, query: url.searchParams });
      send(result === undefined ? 204 : 200, result, verdict.headers);
      this.answered();
    } catch (error) {
      const refusal = asRestError(error);
      send(refusal.status, refusal, verdict.headers);
    }
  }

  private find(method: string, path: string): { route: Route; params: Record<string, string> } | undefined {
    for (const route of this.routes) {
      const match = route.method === method ? route.pattern.exec(path) : null;
      if (!match) continue;
      const params = Object.entries(match.groups ?? {}).map(([name, value]) => [
        name,
        decodeURIComponent(value),
      ]);
      return { route, params: Object.fromEntries(params) };
    }
    return undefined;
  }
}

/** The id that splits a route's limit (Discord docs, Rate Limits: channel, guild, and webhook id with token). */
function majorParameter({ channel, guild, application, token }: Readonly<Record<string, string>>): string {
  return channel ?? guild ?? (token ? `${application}/${token}` : '');
}

function asRestError(error: unknown): DiscordRestError {
  if (error instanceof DiscordRestError) return error;
  if (error instanceof ZodError) {
    return invalidForm(
      error.issues.map(({ path, message }) => ({
        field: path.join('.') || 'body',
        code: 'BASE_TYPE',
        message,
      })),
    );
  }
  // A server that fails says so, rather than let the client wait.
  return new DiscordRestError(500, 0, String(error));
}
