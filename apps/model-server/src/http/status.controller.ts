import { Controller, Get, Header, HttpCode, ServiceUnavailableException } from '@nestjs/common';

import { RunningRequests } from '../chat/running-requests.js';
import { ServerMetrics } from '../metrics/server-metrics.js';

/** What machines ask over HTTP: is it alive, does it take requests, what has it measured. */
@Controller()
export class StatusController {
  constructor(
    private readonly requests: RunningRequests,
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
    if (this.requests.draining) throw new ServiceUnavailableException('The model server is shutting down.');
    return { status: 'ready' };
  }

  /** In Prometheus's text format. */
  @Get('metrics')
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  exposition(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
