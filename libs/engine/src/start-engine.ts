import type { Engine } from './engine.js';
import type { EngineOptions } from './engine-options.js';
import type { StatisticsListener } from './statistics.js';

/** What an engine reports to its owner. */
export interface EngineListeners {
  readonly statistics?: StatisticsListener;
  /** Sentences for the log about something that works, but worse than it should. */
  readonly onWarning?: (message: string) => void;
}

/**
 * Loads a model package in a worker thread and resolves once it can answer.
 * @throws DeviceUnavailableError, EngineError (with the cause), ZodError for options out of range
 */
export async function startEngine(options: EngineOptions, listeners: EngineListeners = {}): Promise<Engine> {
  throw new Error(`not yet: ${options.modelPath} ${listeners}`);
}
