import { Controller, Get, Res } from '@nestjs/common';
import type { Response } from 'express';

import { Metrics } from './metrics.js';

/** What Prometheus collects. */
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  async read(@Res() response: Response): Promise<void> {
    response.type(this.metrics.registry.contentType).send(await this.metrics.text());
  }
}
