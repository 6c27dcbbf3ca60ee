import { Injectable } from '@nestjs/common';
import { stopSequencesOf } from '#libs/conversation';
import type { Engine } from '#libs/engine';
import { CodedError } from '#libs/errors';

/** A request that came before the model was loaded. */
export class ModelLoadingError extends CodedError {
  constructor() {
    super('model-loading', 'The model is still being loaded. Try again in a moment.');
  }
}

/** The engine behind both faces. The ports open before it is there, so that anybody who asks is told what is going on. */
@Injectable()
export class ServedModel {
  private loaded: Engine | undefined;

  serve(engine: Engine): void {
    this.loaded = engine;
  }

  /** @throws ModelLoadingError */
  get engine(): Engine {
    this.requireLoaded();
    return this.loaded as Engine;
  }

  /** @throws ModelLoadingError */
  requireLoaded(): void {
    if (!this.loaded) throw new ModelLoadingError();
  }

  /** What ends a reply when the request does not say. */
  get defaultStopSequences(): readonly string[] {
    return stopSequencesOf(this.engine.manifest.template);
  }

  async close(): Promise<void> {
    await this.loaded?.close();
  }
}
