import { LogLevel, WebAPIPlatformError, WebClient } from '@slack/web-api';

import { AccountError } from './account-error.js';

/** What Slack says of the app that the tokens belong to. */
export interface SlackAccount {
  /** The name people mention. */
  readonly name: string;
  readonly workspace: string;
  readonly workspaceId: string;
  readonly scopes: readonly string[];
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
 * @throws AccountError `token-refused`, or whatever else the call does
 */
export async function withSlackToken<T>(variable: keyof typeof remedies, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    const code = cause instanceof WebAPIPlatformError ? cause.data.error : undefined;
    if (code === undefined || !refusals.has(code)) throw cause;
    throw new AccountError(
      'token-refused',
      `Slack does not accept ${variable} (${code}). ${remedies[variable]}.`,
      { cause },
    );
  }
}

/**
 * Asks Slack. No event is taken: a Socket Mode address is asked for with the app token, but not connected to.
 * @param appToken for Socket Mode
 * @param api another address of the Web API, for tests
 * @throws AccountError
 */
export async function examineSlack(
  botToken: string,
  appToken: string | undefined,
  api?: string,
): Promise<SlackAccount> {
  const client = new WebClient(undefined, {
    ...(api !== undefined && { slackApiUrl: api }),
    retryConfig: { retries: 1, minTimeout: 300 },
    timeout: 10_000,
    logLevel: LogLevel.ERROR,
  });
  try {
    const { user, team, team_id, response_metadata } = await withSlackToken('SLACK_BOT_TOKEN', () =>
      client.auth.test({ token: botToken }),
    );
    if (appToken !== undefined)
      await withSlackToken('SLACK_APP_TOKEN', () => client.apps.connections.open({ token: appToken }));
    return {
      name: user ?? '',
      workspace: team ?? '',
      workspaceId: team_id ?? '',
      scopes: response_metadata?.scopes ?? [],
    };
  } catch (cause) {
    if (cause instanceof AccountError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AccountError('unreachable', `Slack cannot be asked: ${reason}`, { cause });
  }
}

/**
 * What its owner may want to put right, a sentence each.
 * @param needed the scopes that the manifest asks for
 */
export function slackRemarks({ scopes }: SlackAccount, needed: readonly string[]): string[] {
  const missing = needed.filter((scope) => !scopes.includes(scope));
  if (missing.length === 0) return [];
  return [
    `The app lacks the scopes ${missing.join(', ')}. Paste the manifest again under "App Manifest" of your app, save it, ` +
      'and reinstall the app to the workspace.',
  ];
}
