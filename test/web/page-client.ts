import { randomUUID } from 'node:crypto';

import { z } from 'zod';

const uploaded = z.object({ digest: z.string(), refused: z.string().optional() });

/** What the page sends and receives, without the page. */
export interface PageMessage {
  readonly author: 'user' | 'bot';
  readonly text: string;
  readonly images: readonly { readonly digest: string; readonly name: string }[];
}

export interface PageAnswer {
  readonly text: string;
  readonly state: string;
  readonly status?: string;
  readonly notes: readonly string[];
}

/** A browser's side of the web page's interface. */
export class PageClient {
  constructor(private readonly address: string) {}

  /** Uploads a picture: its digest, or why it is refused. */
  async upload(bytes: Uint8Array, name: string): Promise<{ digest: string; refused?: string }> {
    const response = await fetch(`${this.address}/api/images`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', 'x-image-name': encodeURIComponent(name) },
      body: bytes,
    });
    return uploaded.parse(await response.json());
  }

  /** Asks, and waits for the whole answer. */
  async ask(messages: readonly PageMessage[], wish: 'chat' | 'alt-text' = 'chat'): Promise<PageAnswer> {
    const response = await this.post(messages, wish);
    const events = (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const text = events.map(({ event, text }) => (event === 'text' ? text : '')).join('');
    return { text, ...events.at(-1) };
  }

  /** Sends a question and hands back the response as it begins. */
  post(messages: readonly PageMessage[], wish = 'chat', signal?: AbortSignal): Promise<Response> {
    return fetch(`${this.address}/api/answers`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        id: randomUUID(),
        conversation: randomUUID(),
        locale: 'en',
        wish,
        again: false,
        messages,
      }),
      signal,
    });
  }
}
