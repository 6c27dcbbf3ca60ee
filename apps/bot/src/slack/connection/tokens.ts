import { CodedError } from '#libs/errors';
import { errorCode } from '../reply/api-errors.js';

/** Slack does not take a token; the message says which and what to do. */
export class TokenRefusedError extends CodedError {
  constructor(sentence: string, options?: ErrorOptions) {
    super('token-refused', sentence, options);
  }
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

/** Where a working token is found. */
const remedies = {
  SLACK_BOT_TOKEN: 'Copy the Bot User OAuth Token (xoxb-…) from "OAuth & Permissions" of your app again',
  SLACK_APP_TOKEN:
    'Create an app-level token (xapp-…) with the scope connections:write under "Basic Information" of your app',
};

/**
 * Makes a call that Slack answers only with this token.
 * @throws TokenRefusedError
 */
export async function withToken<T>(variable: keyof typeof remedies, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined || !refusals.has(code)) throw error;
    throw new TokenRefusedError(
      `Slack does not accept ${variable} (${code}). ${remedies[variable]}, and restart.`,
      { cause: error },
    );
  }
}
