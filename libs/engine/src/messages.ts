import type { SquareShape } from '#libs/images';
import type { ModelManifest } from '#libs/model-package';

import type {
  EncodedImage,
  EngineLimits,
  GenerateEvent,
  GenerateRequest,
  Segment,
  TokenCount,
} from './engine.js';
import type { EngineSettings } from './engine-options.js';
import type { ErrorData } from './error-data.js';
import type { ImageReading, ReadingId } from './images/owner-image-reader.js';
import type { EngineGauges, EngineObservation } from './statistics.js';

/** What the worker thread is started with. */
export type WorkerData = EngineSettings;

/** A request's number, unique within its engine. */
export type RequestId = number;

/** From the engine's owner to the worker thread. */
export type WorkerRequest =
  | { readonly kind: 'generate'; readonly id: RequestId; readonly request: GenerateRequest }
  | { readonly kind: 'encode-image'; readonly id: RequestId; readonly bytes: Uint8Array }
  | { readonly kind: 'count-tokens'; readonly id: RequestId; readonly segments: readonly Segment[] }
  | { readonly kind: 'cancel'; readonly id: RequestId }
  | { readonly kind: 'image-read'; readonly id: ReadingId; readonly reading: ImageReading }
  /** Ends the thread. */
  | { readonly kind: 'close' };

/** What the worker thread posts: the reports that one step of the engine gives rise to, in order. */
export type WorkerReports = readonly WorkerReport[];

/** From the worker thread to the engine's owner. */
export type WorkerReport =
  | { readonly kind: 'ready'; readonly manifest: ModelManifest; readonly limits: EngineLimits }
  | { readonly kind: 'start-failed'; readonly error: ErrorData }
  | { readonly kind: 'generate-event'; readonly id: RequestId; readonly event: GenerateEvent }
  | { readonly kind: 'image-encoded'; readonly id: RequestId; readonly image: EncodedImage }
  | { readonly kind: 'tokens-counted'; readonly id: RequestId; readonly count: TokenCount }
  /** The owner is to have an image decoded; it answers with 'image-read'. */
  | {
      readonly kind: 'read-image';
      readonly id: ReadingId;
      readonly bytes: Uint8Array;
      readonly shape: SquareShape;
      readonly maxPixels: number;
    }
  | { readonly kind: 'failed'; readonly id: RequestId; readonly error: ErrorData }
  | { readonly kind: 'gauges'; readonly gauges: EngineGauges }
  | { readonly kind: 'observation'; readonly observation: EngineObservation }
  | { readonly kind: 'warning'; readonly message: string };
