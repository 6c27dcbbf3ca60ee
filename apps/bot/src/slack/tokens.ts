import { errorCode } from './replies/api-errors.js';

/** Slack does not take a token; the message says which and what to do. */
export class TokenRefusedError extends Error {
  override readonly name = 'TokenRefusedError';
}

/** What Slack says of tokens that will not be better later (Slack docs, auth.test and apps.connections.open, errors). */
const refusals = new Set([
  'invalid_auth',
  'not_authed',
  'not_allowed_token_type',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'missing_scope',
  'no_permission',
]);

/** @throws TokenRefusedError */
export function withBotToken<T>(call: () => Promise<T>): Promise<T> {
  return call().catch((error) =>
    refuse(
      error,
      'SLACK_BOT_TOKEN',
      'Copy the Bot User OAuth Token (xoxb-…) from "OAuth & Permissions" of your app again',
    ),
  );
}

/** @throws TokenRefusedError */
export function withAppToken<T>(call: () => Promise<T>): Promise<T> {
  return call().catch((error) =>
    refuse(
      error,
      'SLACK_APP_TOKEN',
      'Create an app-level token (xapp-…) with the scope connections:write under "Basic Information" of your app',
    ),
  );
}

function refuse(error: unknown, variable: string, remedy: string): never {
  const code = errorCode(error);
  if (code === undefined || !refusals.has(code)) throw error;
  throw new TokenRefusedError(`Slack does not accept ${variable} (${code}). ${remedy}, and restart.`, {
    cause: error,
  });
}

/** The innermost reason of a failed call, such as a name that is not found. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error && error.cause !== undefined) return reasonOf(error.cause);
  return error instanceof Error ? error.message : String(error);
}
