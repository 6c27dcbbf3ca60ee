import type {
  AnswerEvent,
  AnswerRequest,
  FeedbackRequest,
  MissingImages,
  ShownModel,
  UploadedImage,
} from '../protocol.js';
import { locale } from './settings.js';
import { picture } from './storage.js';

/** The model behind the page, or undefined while there is none. */
export async function loadModel(): Promise<ShownModel | undefined> {
  try {
    const response = await fetch('/api/model');
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}

/** Sends a picture ahead of its question. */
export async function uploadPicture(blob: Blob, name: string, signal: AbortSignal): Promise<UploadedImage> {
  const response = await fetch('/api/images', {
    method: 'POST',
    headers: {
      'content-type': 'application/octet-stream',
      'x-image-name': encodeURIComponent(name),
      'accept-language': locale,
    },
    body: blob,
    signal,
  });
  if (!response.ok) throw new Error(`The server answered with ${response.status}.`);
  return response.json();
}

type Asked = Omit<AnswerRequest, 'locale'>;

/** Asks a question. Yields the events of its answer as they come: `status`, `text`, and last `end`. */
export async function* answer(request: Asked, signal: AbortSignal): AsyncGenerator<AnswerEvent, void> {
  const { body } = await post(request, signal);
  if (!body) throw new Error('The server answered with nothing.');
  for await (const line of lines(body)) {
    // What had arrived by then is not shown after Stop.
    signal.throwIfAborted();
    yield JSON.parse(line);
  }
}

/** Sends the question, and first the pictures that the server does not have or no longer has. */
async function post(request: Asked, signal: AbortSignal): Promise<Response> {
  for (let attempt = 0; attempt < 2; attempt++) {
    const response = await fetch('/api/answers', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...request, locale } satisfies AnswerRequest),
      signal,
    });
    if (response.ok) return response;
    if (response.status !== 409) throw new Error(`The server answered with ${response.status}.`);
    const { missing }: MissingImages = await response.json();
    for (const digest of missing) {
      const kept = await picture(digest);
      if (kept) await uploadPicture(kept.blob, kept.name, signal);
    }
  }
  throw new Error('The pictures could not be sent.');
}

async function* lines(body: ReadableStream<BufferSource>): AsyncGenerator<string, void> {
  let rest = '';
  for await (const text of chunks(body.pipeThrough(new TextDecoderStream()))) {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
}

/** Streams are not iterable in every browser yet. */
async function* chunks<Chunk>(stream: ReadableStream<Chunk>): AsyncGenerator<Chunk, void> {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

export function sendFeedback(vote: FeedbackRequest['vote']): Promise<Response> {
  return fetch('/api/feedback', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ vote } satisfies FeedbackRequest),
  });
}
