import { EngineError } from '../errors.js';
import type { Stage } from '../scheduling/execution-loop.js';

/** A Q-Former that looks at an image with a question in mind, and the projection after it. */
export interface QuestionNetwork {
  /** The ids of a question in the Q-Former's own vocabulary. */
  tokenize(question: string): readonly number[];
  /** An image's features `[1 + patches, width]` and a question's ids → `[tokensPerImage, hidden]`. */
  run(features: Float32Array, questionIds: readonly number[]): Promise<Float32Array>;
}

interface ReadingJob {
  readonly features: Float32Array;
  readonly questionIds: readonly number[];
  readonly signal: AbortSignal;
  readonly resolve: (projection: Float32Array) => void;
  readonly reject: (error: Error) => void;
}

/** Runs the Q-Former for one image and question a step, in the order of arrival. */
export class QuestionReader implements Stage {
  private readonly jobs: ReadingJob[] = [];

  /** @param wake called when there is work for {@link step} */
  constructor(
    private readonly network: QuestionNetwork,
    private readonly wake: () => void,
  ) {}

  /** @param signal aborted when the request no longer wants it; the promise then never settles */
  read(features: Float32Array, questionIds: readonly number[], signal: AbortSignal): Promise<Float32Array> {
    return new Promise((resolve, reject) => {
      this.jobs.push({ features, questionIds, signal, resolve, reject });
      this.wake();
    });
  }

  async step(): Promise<boolean> {
    const job = this.nextJob();
    if (!job) return false;
    try {
      job.resolve(await this.network.run(job.features, job.questionIds));
    } catch (cause) {
      job.reject(
        new EngineError(
          { code: 'failed', what: 'Looking at an image with a question in mind failed.' },
          { cause },
        ),
      );
    }
    return true;
  }

  private nextJob(): ReadingJob | undefined {
    for (let job = this.jobs.shift(); job; job = this.jobs.shift()) if (!job.signal.aborted) return job;
    return undefined;
  }
}
