import { Inject, Injectable } from '@nestjs/common';

import type { RequestLimits } from '#libs/engine';
import { GuardedFetcher, ImageFetchError } from '#libs/image-fetcher';

import { ByteBudget } from '../chat/byte-budget.js';
import type { ServerConfig } from '../config/environment.js';
import { SERVER_CONFIG } from '../providers.js';
import type { ChatCompletionRequest, FetchedImages } from './chat-completion-request.js';
import { isWebAddress } from './data-url.js';
import { OpenAiRequestError } from './openai-request-error.js';

const timeoutSeconds = 20;

/** Fetches the images that a request names by address, where the operator allows it (`ALLOW_IMAGE_URLS`). */
@Injectable()
export class ImageAddresses {
  private readonly fetcher: GuardedFetcher;
  /** Undefined: any public host. */
  private readonly hosts: readonly string[] | undefined;
  private readonly isAllowed: boolean;

  constructor(
    @Inject(SERVER_CONFIG)
    config: Pick<ServerConfig, 'ALLOW_IMAGE_URLS' | 'IMAGE_URL_HOSTS' | 'MAX_IMAGE_BYTES'>,
    private readonly budget: ByteBudget,
  ) {
    const { ALLOW_IMAGE_URLS, IMAGE_URL_HOSTS: trustedHosts, MAX_IMAGE_BYTES: maxBytes } = config;
    this.isAllowed = ALLOW_IMAGE_URLS === '1';
    this.hosts = trustedHosts.length > 0 ? trustedHosts : undefined;
    this.fetcher = new GuardedFetcher(() => ({ maxBytes, timeoutSeconds, allowHttp: false, trustedHosts }));
  }

  /**
   * Nothing is fetched for a request with more images than are accepted, which is refused later.
   * @param onRelease is called back for what gives the memory of the files back
   * @returns the files by where they stand in the request
   * @throws OpenAiRequestError naming the image whose address is refused or does not answer
   */
  async fetch(
    { messages }: ChatCompletionRequest,
    { maxImages }: RequestLimits,
    signal: AbortSignal,
    onRelease: (release: () => void) => void,
  ): Promise<FetchedImages> {
    const places = messages.flatMap((message, index) =>
      message.role !== 'user'
        ? []
        : message.content.flatMap((part, number) =>
            part.type === 'image_url' && isWebAddress(part.image_url)
              ? [{ path: `messages.${index}.content.${number}.image_url`, address: part.image_url }]
              : [],
          ),
    );
    if (!this.isAllowed || places.length > maxImages) return new Map();
    const files = await Promise.all(
      places.map(async ({ path, address }) => {
        const bytes = await this.fetchOne(address, path, signal);
        this.budget.take(bytes.length);
        onRelease(() => this.budget.give(bytes.length));
        return [path, bytes] as const;
      }),
    );
    return new Map(files);
  }

  private async fetchOne(address: string, path: string, signal: AbortSignal): Promise<Uint8Array> {
    try {
      return await this.fetcher.fetch(address, { signal, ...(this.hosts && { hosts: this.hosts }) });
    } catch (cause) {
      if (!(cause instanceof ImageFetchError)) throw cause;
      throw new OpenAiRequestError(path, cause.message, 'invalid_image_url', { cause });
    }
  }
}
