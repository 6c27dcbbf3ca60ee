/** A failed Web API call: answered as `{ ok: false, error, ...details }` with HTTP status 200, as Slack does. */
export class SlackApiError extends Error {
  constructor(
    readonly code: string,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(code);
  }
}
