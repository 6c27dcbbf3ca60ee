import { Inject, Injectable } from '@nestjs/common';

import { stopSequencesOf } from '#libs/conversation';
import type { Engine } from '#libs/engine';

import type { RequestLimits } from './chat/admission.js';
import type { ServerConfig } from './config/environment.js';
import { SERVER_CONFIG } from './providers.js';

/** A request that came before the model was loaded. */
export class ModelLoadingError extends Error {
  override readonly name = 'ModelLoadingError';

  constructor() {
    super('The model is still being loaded. Try again in a moment.');
  }
}

/** The engine behind both faces. The ports open before it is there, so that anybody who asks is told what is going on. */
@Injectable()
export class ServedModel {
  private loaded: Engine | undefined;

  constructor(@Inject(SERVER_CONFIG) private readonly config: ServerConfig) {}

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

  get limits(): RequestLimits {
    const { manifest, limits } = this.engine;
    return {
      maxImages: this.config.MAX_IMAGES,
      maxImageBytes: this.config.MAX_IMAGE_BYTES,
      contextLength: limits.contextLength,
      defaultStopSequences: stopSequencesOf(manifest.template),
    };
  }

  async close(): Promise<void> {
    await this.loaded?.close();
  }
}
