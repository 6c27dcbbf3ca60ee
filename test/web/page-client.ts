import { randomUUID } from 'node:crypto';

import { z } from 'zod';

const uploaded = z.object({ digest: z.string(), refused: z.string().optional() });

/** What the page sends and receives, without the page. */
export interface PageMessage {
  readonly author: 'user' | 'bot';
  readonly text: string;
  readonly images: readonly { readonly digest: string; readonly name: string }[];
}

/** What the bot streams to the page, a line each. */
export type PageEvent =
  | { readonly event: 'status'; readonly status: string }
  | { readonly event: 'text'; readonly text: string }
  | ({ readonly event: 'end'; readonly actions: readonly string[] } & Omit<PageAnswer, 'text'>);

export interface PageAnswer {
  readonly text: string;
  readonly state: string;
  readonly status?: string;
  readonly notes: readonly string[];
}

/** How a question is asked. */
export interface Asked {
  readonly wish: 'chat' | 'alt-text';
  readonly again: boolean;
  readonly locale: string;
}

/** A browser's side of the web page's interface. */
export class PageClient {
  constructor(private readonly address: string) {}

  /** Uploads a picture: its digest, or why it is refused. */
  async upload(
    bytes: Uint8Array,
    name: string,
    language = 'en',
  ): Promise<{ digest: string; refused?: string | undefined }> {
    const response = await fetch(`${this.address}/api/images`, {
      method: 'POST',
      headers: {
        'content-type': 'application/octet-stream',
        'x-image-name': encodeURIComponent(name),
        'accept-language': language,
      },
      body: Uint8Array.from(bytes),
    });
    return uploaded.parse(await response.json());
  }

  /** Asks, and waits for the whole answer. */
  async ask(messages: readonly PageMessage[], how: Partial<Asked> = {}): Promise<PageAnswer> {
    const response = await this.post(messages, how);
    const events = (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const text = events.map(({ event, text }) => (event === 'text' ? text : '')).join('');
    return { text, ...events.at(-1) };
  }

  /** Sends a question and hands back the response as it begins. */
  post(
    messages: readonly PageMessage[],
    { wish = 'chat', again = false, locale = 'en' }: Partial<Asked> = {},
    signal?: AbortSignal,
  ): Promise<Response> {
    const question = { id: randomUUID(), conversation: randomUUID(), locale, wish, again, messages };
    return this.send('answers', question, signal);
  }

  async vote(vote: 'up' | 'down'): Promise<void> {
    await this.send('feedback', { vote });
  }

  private send(resource: string, body: object, signal: AbortSignal | null = null): Promise<Response> {
    return fetch(`${this.address}/api/${resource}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    });
  }
}
