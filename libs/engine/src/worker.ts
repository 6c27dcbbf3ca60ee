import { type MessagePort, parentPort, workerData } from 'node:worker_threads';

import { errorToData } from './error-data.js';
import { OwnerImageReader } from './images/owner-image-reader.js';
import { loadModel } from './load-model.js';
import { LocalEngine } from './local-engine.js';
import type { RequestId, WorkerData, WorkerReport, WorkerReports, WorkerRequest } from './messages.js';

/** Answers the messages of one engine's owner; each request has an id and can be cancelled by it. */
class EngineWorker {
  /** By the request they cancel; until it ends. */
  private readonly controllers = new Map<RequestId, AbortController>();

  constructor(
    private readonly engine: LocalEngine,
    private readonly images: OwnerImageReader,
    private readonly report: (report: WorkerReport) => void,
  ) {}

  async handle(message: WorkerRequest): Promise<void> {
    switch (message.kind) {
      case 'cancel':
        this.controllers.get(message.id)?.abort();
        this.controllers.delete(message.id);
        return;
      case 'image-read':
        this.images.receive(message.id, message.reading);
        return;
      case 'close':
        process.exit();
        break;
      case 'generate':
      case 'encode-image':
      case 'count-tokens':
        try {
          await this.start(message);
        } catch (error) {
          this.fail(message.id, error);
        }
    }
  }

  private async start(
    message: Exclude<WorkerRequest, { kind: 'cancel' | 'image-read' | 'close' }>,
  ): Promise<void> {
    const { id } = message;
    switch (message.kind) {
      case 'count-tokens':
        this.report({ kind: 'tokens-counted', id, count: this.engine.countTokens(message.segments) });
        return;
      case 'encode-image': {
        const image = await this.engine.encodeImage(message.bytes, this.signalFor(id));
        this.controllers.delete(id);
        this.report({ kind: 'image-encoded', id, image });
        return;
      }
      case 'generate':
        this.engine.generate(
          message.request,
          {
            onEvent: (event) => {
              if (event.kind === 'finish') this.controllers.delete(id);
              this.report({ kind: 'generate-event', id, event });
            },
            onError: (error) => this.fail(id, error),
          },
          this.signalFor(id),
        );
    }
  }

  private fail(id: RequestId, error: unknown): void {
    this.controllers.delete(id);
    this.report({ kind: 'failed', id, error: errorToData(error) });
  }

  private signalFor(id: RequestId): AbortSignal {
    const controller = new AbortController();
    this.controllers.set(id, controller);
    return controller.signal;
  }
}

/**
 * Posts what is reported in one go as one message: a decode step of many sequences would else wake the owner's thread
 * for every one of them, on a processor whose cores are all needed for the next step.
 */
function reportingTo(port: MessagePort): (report: WorkerReport) => void {
  let reports: WorkerReport[] = [];
  return (report) => {
    if (reports.push(report) > 1) return;
    queueMicrotask(() => {
      port.postMessage(reports satisfies WorkerReports, imageBytes(reports));
      reports = [];
    });
  };
}

/** The images for the owner to read, which change threads instead of being copied. */
function imageBytes(reports: WorkerReports): ArrayBuffer[] {
  return reports
    .flatMap((report) => (report.kind === 'read-image' ? report.bytes.buffer : []))
    .filter((buffer) => buffer instanceof ArrayBuffer);
}

async function main(port: MessagePort, settings: WorkerData): Promise<void> {
  const report = reportingTo(port);
  try {
    const { maxImagePixels: maxPixels } = settings;
    const images = new OwnerImageReader((id, bytes, shape) =>
      report({ kind: 'read-image', id, bytes, shape, maxPixels }),
    );
    const warn = (message: string) => report({ kind: 'warning', message });
    const { model, limits } = await loadModel(settings, warn, images.read);
    const engine = new LocalEngine(model, settings, {
      onGauges: (gauges) => report({ kind: 'gauges', gauges }),
      onObservation: (observation) => report({ kind: 'observation', observation }),
    });
    const worker = new EngineWorker(engine, images, report);
    port.on('message', (message: WorkerRequest) => void worker.handle(message));
    report({ kind: 'ready', manifest: model.manifest, limits });
  } catch (error) {
    report({ kind: 'start-failed', error: errorToData(error) });
  }
}

if (!parentPort) throw new Error('This file runs as a worker thread; startEngine starts it.');
await main(parentPort, workerData as WorkerData);
