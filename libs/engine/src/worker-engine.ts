import type { Worker } from 'node:worker_threads';

import { readSquareImage } from '#libs/images';
import type { ModelManifest } from '#libs/model-package';

import { checkCountedSegments, checkGenerateRequest, checkImageFile } from './check-request.js';
import type {
  EncodedImage,
  Engine,
  EngineLimits,
  GenerateEvent,
  GenerateRequest,
  Segment,
  TokenCount,
} from './engine.js';
import { errorFromData } from './error-data.js';
import { EngineError } from './errors.js';

import { readForWorker } from './images/owner-image-reader.js';
import type { RequestId, WorkerReport, WorkerReports, WorkerRequest } from './messages.js';

/** What a request waits for. */
type Answer = Extract<WorkerReport, { kind: 'generate-event' | 'image-encoded' | 'tokens-counted' }>;

/** The owner's side of an engine in a worker thread: it checks requests where they enter, and passes messages on. */
export class WorkerEngine implements Engine {
  private readonly pending = new Map<RequestId, EventQueue<Answer>>();
  private nextId: RequestId = 0;
  /** Why no request can be answered any more. */
  private ended?: Error;
  private readonly exited: Promise<unknown>;

  constructor(
    private readonly worker: Worker,
    readonly manifest: ModelManifest,
    readonly limits: EngineLimits,
    private readonly onBreakdown: (error: EngineError) => void = () => {},
  ) {
    worker.on('message', (reports: WorkerReports) => {
      for (const report of reports) this.receive(report);
    });
    worker.on('error', (cause) =>
      this.breakDown(new EngineError({ code: 'failed', what: 'The engine broke down.' }, { cause })),
    );
    this.exited = new Promise((resolve) => {
      worker.once('exit', resolve);
    });
    worker.on('exit', () =>
      this.breakDown(new EngineError({ code: 'failed', what: 'The engine ended unexpectedly.' })),
    );
  }

  async *generate(request: GenerateRequest, signal?: AbortSignal): AsyncGenerator<GenerateEvent> {
    checkGenerateRequest(request, this.limits);
    const answers = this.ask((id) => ({ kind: 'generate', id, request: withOwnBytes(request) }), signal);
    for await (const answer of answers) {
      if (answer.kind !== 'generate-event') continue;
      yield answer.event;
      if (answer.event.kind === 'finish') return;
    }
  }

  async encodeImage(bytes: Uint8Array, signal?: AbortSignal): Promise<EncodedImage> {
    signal?.throwIfAborted();
    checkImageFile(bytes, this.limits);
    for await (const answer of this.ask(
      (id) => ({ kind: 'encode-image', id, bytes: new Uint8Array(bytes) }),
      signal,
    )) {
      if (answer.kind === 'image-encoded') return answer.image;
    }
    throw new EngineError({ code: 'closed' });
  }

  async countTokens(segments: readonly Segment[]): Promise<TokenCount> {
    checkCountedSegments(segments, this.limits);
    for await (const answer of this.ask((id) => ({ kind: 'count-tokens', id, segments }))) {
      if (answer.kind === 'tokens-counted') return answer.count;
    }
    throw new EngineError({ code: 'closed' });
  }

  /**
   * Has the thread end itself, between two network runs. Terminated in the middle of one, onnxruntime-node would find
   * no JavaScript to return to, and take the whole process with it.
   */
  async close(): Promise<void> {
    this.end(new EngineError({ code: 'closed' }));
    this.send({ kind: 'close' });
    await this.exited;
  }

  /** Sends a message and yields its answers; when its reader leaves before the last, the worker is told to stop. */
  private async *ask(
    messageFor: (id: RequestId) => WorkerRequest,
    signal?: AbortSignal,
  ): AsyncGenerator<Answer> {
    signal?.throwIfAborted();
    if (this.ended) throw this.ended;
    const id = this.nextId++;
    const answers = new EventQueue<Answer>();
    const abort = () => answers.fail(signal?.reason);
    this.pending.set(id, answers);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      this.send(messageFor(id));
      while (true) yield await answers.next();
    } finally {
      signal?.removeEventListener('abort', abort);
      this.pending.delete(id);
      if (!this.ended) this.send({ kind: 'cancel', id });
    }
  }

  private send(message: WorkerRequest): void {
    this.worker.postMessage(message, bytesOf(message));
  }

  private receive(report: WorkerReport): void {
    switch (report.kind) {
      case 'generate-event':
      case 'image-encoded':
      case 'tokens-counted':
        this.pending.get(report.id)?.push(report);
        return;
      case 'read-image':
        void this.readImage(report);
        return;
      case 'failed':
        this.pending.get(report.id)?.fail(errorFromData(report.error));
    }
  }

  private async readImage({ id, bytes, shape, maxPixels }: Extract<WorkerReport, { kind: 'read-image' }>) {
    const reading = await readForWorker(() => readSquareImage(bytes, { shape, maxPixels }));
    if (!this.ended) this.send({ kind: 'image-read', id, reading });
  }

  private breakDown(error: EngineError): void {
    if (this.ended) return;
    this.end(error);
    this.onBreakdown(error);
  }

  private end(reason: Error): void {
    this.ended ??= reason;
    for (const answers of this.pending.values()) answers.fail(this.ended);
  }
}

/**
 * Copies the request's images, so that the copies can be handed over to the worker thread without copying them again
 * there, and the caller keeps its own.
 */
function withOwnBytes(request: GenerateRequest): GenerateRequest {
  const segments = request.segments.map((segment): Segment => {
    if (segment.kind === 'text' || segment.image.kind === 'digest') return segment;
    return { ...segment, image: { kind: 'bytes', bytes: new Uint8Array(segment.image.bytes) } };
  });
  return { ...request, segments };
}

/** The images of a message, which change threads instead of being copied. */
function bytesOf(message: WorkerRequest): ArrayBuffer[] {
  const images =
    message.kind === 'encode-image'
      ? [message.bytes]
      : message.kind === 'generate'
        ? message.request.segments.flatMap((segment) =>
            segment.kind === 'image' && segment.image.kind === 'bytes' ? segment.image.bytes : [],
          )
        : [];
  return images.map(({ buffer }) => buffer).filter((buffer) => buffer instanceof ArrayBuffer);
}

/** Passes values from callbacks to one `for await` loop, in order, without losing any. */
class EventQueue<T> {
  private readonly values: T[] = [];
  private failure?: { readonly reason: unknown };
  private wakeReader?: () => void;

  push(value: T): void {
    this.values.push(value);
    this.wakeReader?.();
  }

  /** Ends the reading with an error, ahead of values that were not read yet. */
  fail(reason: unknown): void {
    this.failure ??= { reason };
    this.wakeReader?.();
  }

  /** The next value, as soon as there is one. @throws what {@link fail} was given */
  async next(): Promise<T> {
    while (!this.failure && this.values.length === 0) {
      await new Promise<void>((resolve) => {
        this.wakeReader = resolve;
      });
    }
    if (this.failure) throw this.failure.reason;
    return this.values.shift()!;
  }
}
