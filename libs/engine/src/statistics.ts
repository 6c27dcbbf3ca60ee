import type { FinishReason } from './engine.js';

/** The state of the engine after a step. Words and meanings are those of vLLM's metrics. */
export interface EngineGauges {
  readonly requestsRunning: number;
  readonly requestsWaiting: number;
  /** Share of the cache's positions that running requests have written, 0 to 1. */
  readonly keyValueCacheUsage: number;
  readonly embeddingCacheBytes: number;
}

/** Something that happened once, to be counted or put into a histogram. Times are in seconds. */
export type EngineObservation =
  /** Tokens looked up in the prefix cache, and those of them that were found. */
  | { readonly kind: 'prefix-cache'; readonly queries: number; readonly hits: number }
  | { readonly kind: 'embedding-cache'; readonly hit: boolean }
  | { readonly kind: 'image-encode'; readonly images: number; readonly seconds: number }
  | { readonly kind: 'prefill'; readonly tokens: number; readonly seconds: number }
  | {
      readonly kind: 'decode';
      readonly sequences: number;
      /** Of all sequences together; more than one each where the device decodes in bursts. */
      readonly tokens: number;
      readonly seconds: number;
      /** Between main memory and the device's own; absent where the device is the processor. */
      readonly transferredBytes?: number;
    }
  | {
      readonly kind: 'finish';
      readonly reason: FinishReason | 'cancel' | 'error';
      readonly promptTokens: number;
      readonly completionTokens: number;
      readonly queueSeconds: number;
      readonly prefillSeconds: number;
      readonly decodeSeconds: number;
      /** Absent when the request ended before its first token. */
      readonly firstTokenSeconds?: number;
      readonly totalSeconds: number;
    };

/** Receives what an engine measures, in the order in which it happens. */
export interface StatisticsListener {
  onGauges(gauges: EngineGauges): void;
  onObservation(observation: EngineObservation): void;
}
