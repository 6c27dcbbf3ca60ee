import { createRequire } from 'node:module';
import { SHARE_ENV, Worker } from 'node:worker_threads';

import type { Engine } from './engine.js';
import { type EngineOptions, engineOptions } from './engine-options.js';
import { errorFromData } from './error-data.js';
import { EngineError } from './errors.js';
import type { WorkerData, WorkerReport, WorkerReports } from './messages.js';
import type { StatisticsListener } from './statistics.js';
import { WorkerEngine } from './worker-engine.js';

/** What an engine reports to its owner. */
export interface EngineListeners {
  readonly statistics?: StatisticsListener;
  /** Sentences for the log about something that works, but worse than it should. */
  readonly onWarning?: (message: string) => void;
  /** The engine broke down and answers no more. A new one has to be started, best in a new process. */
  readonly onBreakdown?: (error: EngineError) => void;
}

/**
 * Loads a model package in a worker thread and resolves once it can answer.
 * @throws CodedError `model-package`, DeviceUnavailableError, EngineError, ZodError for options out of range
 */
export async function startEngine(options: EngineOptions, listeners: EngineListeners = {}): Promise<Engine> {
  const settings: WorkerData = engineOptions.parse(options);
  const file = createRequire(import.meta.url).resolve('#engine-worker');
  // SHARE_ENV: libs/onnx-runtime sets a variable there that the native library reads from the process.
  const worker = new Worker(file, { workerData: settings, name: 'engine', env: SHARE_ENV });
  worker.on('message', (reports: WorkerReports) => {
    for (const report of reports) notify(report, listeners);
  });
  try {
    return await readyEngine(worker, listeners.onBreakdown);
  } catch (error) {
    await worker.terminate();
    throw error;
  }
}

function readyEngine(worker: Worker, onBreakdown: EngineListeners['onBreakdown']): Promise<Engine> {
  return new Promise((resolve, reject) => {
    const fail = (cause?: unknown) =>
      reject(new EngineError({ code: 'failed', what: 'The engine broke down at its start.' }, { cause }));
    worker.once('error', fail);
    worker.once('exit', fail);
    worker.on('message', function receive(reports: WorkerReports) {
      for (const report of reports) {
        if (report.kind === 'start-failed') reject(errorFromData(report.error));
        if (report.kind !== 'ready') continue;
        worker.off('message', receive);
        worker.off('error', fail);
        worker.off('exit', fail);
        resolve(new WorkerEngine(worker, report.manifest, report.limits, onBreakdown));
      }
    });
  });
}

function notify(report: WorkerReport, { statistics, onWarning }: EngineListeners): void {
  switch (report.kind) {
    case 'gauges':
      statistics?.onGauges(report.gauges);
      return;
    case 'observation':
      statistics?.onObservation(report.observation);
      return;
    case 'warning':
      onWarning?.(report.message);
  }
}
