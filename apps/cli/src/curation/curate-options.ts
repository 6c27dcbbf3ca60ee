import type { ModelOptions } from '../commands/model-options.js';

/** What `curate` is told on the command line. */
export interface CurateOptions extends ModelOptions {
  readonly images: string;
  readonly out: string;
  readonly seed: number;
  readonly endpoint: string;
  readonly repairModel: string;
  readonly repairTemperature: number;
  readonly requestsPerMinute: number;
  readonly promptPrice?: number;
  readonly completionPrice?: number;
  readonly yes?: boolean;
  readonly review?: boolean;
  readonly port: number;
}
