import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

import { endConnections } from '#libs/serving';

/** For answers on the page to end; who is silent or does not read is cut off. */
const secondsToEnd = 1;

/** Has no client of the page keep the bot from ending. */
@Injectable()
export class PageConnections implements BeforeApplicationShutdown {
  constructor(private readonly http: HttpAdapterHost) {}

  async beforeApplicationShutdown(): Promise<void> {
    await endConnections(this.http.httpAdapter.getHttpServer(), secondsToEnd);
  }
}
