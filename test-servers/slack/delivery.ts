/** What Slack sends to an app, by the way it answers. */
export type Delivered =
  | { readonly kind: 'events_api'; readonly body: Record<string, unknown>; readonly retry?: Retry }
  | { readonly kind: 'slash_commands'; readonly body: Record<string, string> }
  | { readonly kind: 'interactive'; readonly body: Record<string, unknown> };

export interface Retry {
  readonly attempt: number;
  readonly reason: 'http_timeout' | 'http_error' | 'timeout';
}

/** The app's acknowledgement; `response` is what it put into it, such as a text or a view's errors. */
export type Acknowledgement =
  | { readonly outcome: 'acknowledged'; readonly response: Record<string, unknown> }
  | { readonly outcome: 'timed_out' }
  | { readonly outcome: 'failed'; readonly status: number };

/** One way to the app: signed HTTP requests or a Socket Mode connection. */
export interface Delivery {
  deliver(delivered: Delivered): Promise<Acknowledgement>;
  close(): Promise<void>;
}

/** An app has this long to acknowledge whatever it is sent (docs.slack.dev, Bolt, "Acknowledging requests"). */
export const acknowledgeWithinMs = 3_000;
