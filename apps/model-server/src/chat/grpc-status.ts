import { type Metadata, status } from '@grpc/grpc-js';

import { isEngineFault } from '#libs/engine';
import { type ErrorDetails, type ErrorReason, encodeErrorDetails } from '#libs/protocol';

import { ModelLoadingError } from '../served-model.js';
import { RequestBytesError } from './byte-budget.js';
import { DrainingError } from './running-requests.js';
import { wireField } from './wire-requests.js';

/** How a call failed, as gRPC tells it. */
export interface GrpcStatus {
  readonly code: status;
  readonly reason: ErrorReason;
  readonly message: string;
  readonly metadata: Metadata;
}

/** The status for an error, after the table at the top of chat_service.proto. */
export function grpcStatus(error: unknown): GrpcStatus {
  const because = (
    code: status,
    reason: ErrorReason,
    message: string,
    details: Omit<ErrorDetails, 'reason'> = { violations: [] },
  ): GrpcStatus => ({
    code,
    reason,
    message,
    metadata: encodeErrorDetails(code, message, { reason, ...details }),
  });
  const invalid = (reason: ErrorReason, { message }: Error, field: string) =>
    because(status.INVALID_ARGUMENT, reason, message, { violations: [{ field, description: message }] });

  if (isEngineFault(error, 'invalid-request')) {
    const violations = error.fault.fields.map(({ path, message }) => ({
      field: wireField(path),
      description: message,
    }));
    const message = violations.map(({ field, description }) => `${field}: ${description}`).join(' ');
    return because(status.INVALID_ARGUMENT, 'INVALID_REQUEST', message, { violations });
  }
  if (isEngineFault(error, 'context-length')) return invalid('PROMPT_TOO_LONG', error, 'segments');
  if (isEngineFault(error, 'invalid-image')) {
    const { message, fault } = error;
    const { segmentIndex, image } = fault;
    const field = segmentIndex === undefined ? 'data' : `segments[${segmentIndex}].image.data`;
    return because(status.INVALID_ARGUMENT, 'INVALID_IMAGE', message, {
      violations: [{ field, description: message }],
      imageFault: image,
    });
  }
  if (isEngineFault(error, 'image-not-cached')) {
    return because(status.NOT_FOUND, 'IMAGE_NOT_CACHED', error.message);
  }
  if (isEngineFault(error, 'queue-full') || error instanceof RequestBytesError) {
    const { retryAfterSeconds } = isEngineFault(error, 'queue-full') ? error.fault : error;
    return because(status.RESOURCE_EXHAUSTED, 'QUEUE_FULL', error.message, {
      violations: [],
      retryAfterSeconds,
    });
  }
  if (error instanceof ModelLoadingError) return because(status.UNAVAILABLE, 'LOADING', error.message);
  if (error instanceof DrainingError || isEngineFault(error, 'closed')) {
    return because(status.UNAVAILABLE, 'DRAINING', error.message);
  }
  if (error instanceof DOMException && error.name === 'AbortError') {
    return because(status.CANCELLED, 'CANCELLED', 'The caller is gone.');
  }
  return because(status.INTERNAL, 'INTERNAL', 'The model server failed; its log says how.');
}
