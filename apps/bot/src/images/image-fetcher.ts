import { Inject, Injectable, Optional } from '@nestjs/common';

import { type FetchOptions, GuardedFetcher, ImageFetchError, type ResolveName } from '#libs/image-fetcher';

import type { BotConfig } from '../config/bot-config.js';
import { BOT_CONFIG } from '../config/settings.js';
import { ImageUnavailableError } from '../contract/index.js';

/** Fetches images from addresses that people typed or platforms gave, within the operator's limits. */
@Injectable()
export class ImageFetcher {
  private readonly fetcher: GuardedFetcher;

  constructor(@Inject(BOT_CONFIG) config: Pick<BotConfig, 'images'>, @Optional() resolve?: ResolveName) {
    this.fetcher = new GuardedFetcher(() => config.images, resolve);
  }

  /** @throws ImageUnavailableError when the address is refused or does not answer as it should */
  async fetch(address: string, options: FetchOptions): Promise<Uint8Array> {
    try {
      return await this.fetcher.fetch(address, options);
    } catch (error) {
      if (!(error instanceof ImageFetchError)) throw error;
      throw new ImageUnavailableError(error.code, error.message, { cause: error });
    }
  }
}
