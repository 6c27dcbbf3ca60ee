import type { IncomingHttpHeaders } from 'node:http';
import { SlackApiError } from './api-error.js';
import { Arguments } from './arguments.js';
import type { Method, MethodContext, Methods } from './method.js';
import { assistantMethods } from './methods/assistant.js';
import { chatMethods } from './methods/chat.js';
import { conversationMethods } from './methods/conversations.js';
import { emojiMethods } from './methods/emoji.js';
import { fileMethods } from './methods/files.js';
import { identityMethods } from './methods/identity.js';
import { streamMethods } from './methods/streams.js';
import { usergroupMethods } from './methods/usergroups.js';
import { viewMethods } from './methods/views.js';

const methods: Methods = {
  ...identityMethods,
  ...usergroupMethods,
  ...chatMethods,
  ...streamMethods,
  ...conversationMethods,
  ...emojiMethods,
  ...fileMethods,
  ...viewMethods,
  ...assistantMethods,
};

/** The scopes of which each method needs one, to compare a manifest with the code's calls. */
export const scopesByMethod: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(methods).map(([name, { scopes }]) => [name, scopes]),
);

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** One call as the app made it. */
export interface ApiCall {
  readonly method: string;
  readonly at: number;
  readonly channel: string | undefined;
  readonly error: string | undefined;
}

/** The Web API: checks the token, the rate, the scopes, and runs the method. */
export class WebApi {
  readonly calls: ApiCall[] = [];
  private readonly refusals = new Map<string, (args: Arguments) => void>();

  constructor(
    private readonly context: MethodContext,
    private readonly tokens: { readonly bot: string; readonly app: string },
  ) {}

  /** Refuses calls of a method with this code from now on, all or those with such arguments; no code ends it. */
  refuseWith(method: string, code: string | undefined, which = (_args: Arguments) => true): void {
    if (code === undefined) this.refusals.delete(method);
    else
      this.refusals.set(method, (args) => {
        if (which(args)) throw new SlackApiError(code);
      });
  }

  async call(name: string, headers: IncomingHttpHeaders, body: string): Promise<ApiAnswer> {
    const args = Arguments.parse(headers['content-type'] ?? '', body);
    const answer = await this.answer(name, headers, args);
    const error = typeof answer.body.error === 'string' ? answer.body.error : undefined;
    this.calls.push({ method: name, at: Date.now(), channel: args.text('channel'), error });
    this.context.store.announce();
    return answer;
  }

  private async answer(name: string, headers: IncomingHttpHeaders, args: Arguments): Promise<ApiAnswer> {
    try {
      const method = methods[name];
      if (method === undefined) throw new SlackApiError('unknown_method');
      this.authenticate(method, headers, args);
      const wait = this.context.rates.retryAfter(name, method.tier, args.text('channel') ?? '');
      if (wait !== undefined) {
        return {
          status: 429,
          headers: { 'retry-after': String(wait) },
          body: { ok: false, error: 'ratelimited' },
        };
      }
      this.checkScopes(method);
      this.refusals.get(name)?.(args);
      return {
        status: 200,
        // As Slack sends with every answer to a token (Slack docs, "Token types and scopes").
        headers: { 'x-oauth-scopes': [...this.context.grantedScopes].join(',') },
        body: { ok: true, ...(await method.run(args, this.context)) },
      };
    } catch (error) {
      if (!(error instanceof SlackApiError)) throw error;
      return { status: 200, headers: {}, body: { ok: false, error: error.code, ...error.details } };
    }
  }

  private authenticate(method: Method, headers: IncomingHttpHeaders, args: Arguments): void {
    const token = headers.authorization?.replace(/^Bearer /, '') ?? args.text('token');
    if (token === undefined) throw new SlackApiError('not_authed');
    const expected = method.token === 'app' ? this.tokens.app : this.tokens.bot;
    if (token === expected) return;
    const known = token === this.tokens.app || token === this.tokens.bot;
    throw new SlackApiError(known ? 'not_allowed_token_type' : 'invalid_auth');
  }

  private checkScopes({ scopes }: Method): void {
    const { grantedScopes } = this.context;
    if (scopes.length === 0 || scopes.some((scope) => grantedScopes.has(scope))) return;
    throw new SlackApiError('missing_scope', {
      needed: scopes.join(','),
      provided: [...grantedScopes].join(','),
    });
  }
}
