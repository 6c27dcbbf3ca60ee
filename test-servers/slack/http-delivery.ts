import { createHmac } from 'node:crypto';
import { type Acknowledgement, acknowledgeWithinMs, type Delivered, type Delivery } from './delivery.js';

/** How requests differ from those of Slack: somebody guesses the secret, or sends again what was heard before. */
export interface Forgery {
  readonly signingSecret?: string;
  readonly ageSeconds?: number;
}

/** Sends signed requests to the app's request URL (docs.slack.dev, "Verifying requests from Slack"). */
export class HttpDelivery implements Delivery {
  private readonly signingSecret: string;
  private readonly ageSeconds: number;

  constructor(
    private readonly requestUrl: string,
    signingSecret: string,
    forgery: Forgery = {},
  ) {
    this.signingSecret = forgery.signingSecret ?? signingSecret;
    this.ageSeconds = forgery.ageSeconds ?? 0;
  }

  async deliver(delivered: Delivered): Promise<Acknowledgement> {
    const headers: Record<string, string> = {};
    if (delivered.kind === 'events_api' && delivered.retry !== undefined) {
      headers['x-slack-retry-num'] = String(delivered.retry.attempt);
      headers['x-slack-retry-reason'] = delivered.retry.reason;
    }
    try {
      const answer = await this.post(encode(delivered), headers);
      const text = await answer.text();
      if (!answer.ok) return { outcome: 'failed', status: answer.status };
      return { outcome: 'acknowledged', response: parseResponse(text) };
    } catch (error) {
      if (error instanceof DOMException && error.name === 'TimeoutError') return { outcome: 'timed_out' };
      return { outcome: 'failed', status: 0 };
    }
  }

  /** Sends any body, also one that Slack would not send, signed. */
  post({ contentType, body }: Content, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    const timestamp = String(Math.floor(Date.now() / 1000) - this.ageSeconds);
    return fetch(this.requestUrl, {
      method: 'POST',
      headers: {
        ...headers,
        'content-type': contentType,
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': this.sign(timestamp, body),
      },
      body,
      signal: AbortSignal.timeout(acknowledgeWithinMs),
    });
  }

  async close(): Promise<void> {}

  private sign(timestamp: string, body: string): string {
    const digest = createHmac('sha256', this.signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
    return `v0=${digest}`;
  }
}

/** What a request holds. */
export interface Content {
  readonly contentType: string;
  readonly body: string;
}

function encode(delivered: Delivered): Content {
  const form = 'application/x-www-form-urlencoded';
  switch (delivered.kind) {
    case 'events_api':
      return { contentType: 'application/json', body: JSON.stringify(delivered.body) };
    case 'slash_commands':
      return { contentType: form, body: new URLSearchParams(delivered.body).toString() };
    case 'interactive':
      return {
        contentType: form,
        body: new URLSearchParams({ payload: JSON.stringify(delivered.body) }).toString(),
      };
  }
}

function parseResponse(text: string): Record<string, unknown> {
  if (text === '') return {};
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : { text };
  } catch {
    return { text };
  }
}
