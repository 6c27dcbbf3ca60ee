import { Catch, Logger, type RpcExceptionFilter } from '@nestjs/common';
import { type Observable, throwError } from 'rxjs';

import { ServerMetrics } from '../metrics/server-metrics.js';
import { type GrpcStatus, grpcStatus } from './grpc-status.js';

/** Ends a failed call with its status, counts it, and logs what no client is to blame for. */
@Catch()
export class GrpcStatusFilter implements RpcExceptionFilter<unknown> {
  private readonly logger = new Logger('ChatService');

  constructor(private readonly metrics: ServerMetrics) {}

  catch(error: unknown): Observable<never> {
    const status: GrpcStatus = grpcStatus(error);
    this.metrics.countFailure(status.reason);
    if (status.reason === 'INTERNAL') this.logger.error(error);
    return throwError(() => status);
  }
}
