import { Controller, Get, Header, HttpCode } from '@nestjs/common';

import { DrainingError, RunningRequests } from '../chat/running-requests.js';
import { ServerMetrics } from '../metrics/server-metrics.js';
import { ServedModel } from '../served-model.js';

/** What machines ask over HTTP: is it alive, does it take requests, what has it measured. */
@Controller()
export class StatusController {
  constructor(
    private readonly requests: RunningRequests,
    private readonly model: ServedModel,
    private readonly metrics: ServerMetrics,
  ) {}

  /** The process answers. */
  @Get('health')
  health(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** The model is loaded, and requests are taken. */
  @Get('ready')
  @HttpCode(200)
  ready(): { status: 'ready' } {
    if (this.requests.draining) throw new DrainingError();
    this.model.requireLoaded();
    return { status: 'ready' };
  }

  /** In Prometheus's text format. */
  @Get('metrics')
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  exposition(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
