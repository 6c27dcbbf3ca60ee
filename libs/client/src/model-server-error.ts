import { type ServiceError, status } from '@grpc/grpc-js';
import { CodedError } from '#libs/errors';

import type { ImageFault } from '#libs/images';
import { decodeErrorDetails, type ErrorReason, type FieldViolation } from '#libs/protocol';

/** Why a call failed: the server's own reasons, and those that only the caller's side can see. */
export type FailureReason =
  | ErrorReason
  /** The server cannot be reached. */
  | 'UNAVAILABLE'
  /** The call took longer than its deadline. */
  | 'DEADLINE_EXCEEDED';

/** An image of a prompt that the server does not take. */
export interface RefusedImage {
  readonly segmentIndex: number;
  /** Why, in words for people. */
  readonly description: string;
  /** Why, for programs; absent where a newer server knows more faults than this client. */
  readonly fault?: ImageFault;
}

/** A call to the model server that failed. `reason` says why, `message` says it in words for the operator. */
export class ModelServerError extends CodedError<FailureReason> {
  constructor(
    message: string,
    reason: FailureReason,
    /** The canonical gRPC status code. */
    readonly status: status,
    /** The fields that were not acceptable, when the request was at fault. */
    readonly violations: readonly FieldViolation[],
    /** When to try again, where the server knows. */
    readonly retryAfterSeconds: number | undefined,
    options: ErrorOptions,
    /** What is wrong with the image, where one is at fault. */
    readonly imageFault?: ImageFault,
  ) {
    super(reason, message, options);
  }

  /** The images that made the server refuse a prompt; without them it can be sent again. */
  get refusedImages(): readonly RefusedImage[] {
    return this.violations.flatMap(({ field, description }) => {
      const segmentIndex = /^segments\[(\d+)\]\.image\b/.exec(field)?.[1];
      return segmentIndex === undefined
        ? []
        : [{ segmentIndex: Number(segmentIndex), description, fault: this.imageFault }];
    });
  }

  static from(error: ServiceError): ModelServerError {
    const { reason, violations, retryAfterSeconds, imageFault } = decodeErrorDetails(error.metadata);
    return new ModelServerError(
      error.details,
      isErrorReason(reason) ? reason : reasonOfCode(error.code),
      error.code,
      violations,
      retryAfterSeconds,
      { cause: error },
      imageFault,
    );
  }
}

const errorReasons: Readonly<Record<ErrorReason, true>> = {
  INVALID_REQUEST: true,
  PROMPT_TOO_LONG: true,
  INVALID_IMAGE: true,
  IMAGE_NOT_CACHED: true,
  QUEUE_FULL: true,
  LOADING: true,
  DRAINING: true,
  CANCELLED: true,
  INTERNAL: true,
};

function isErrorReason(reason: string | undefined): reason is ErrorReason {
  return reason !== undefined && Object.hasOwn(errorReasons, reason);
}

/** For a status that came from the network or from gRPC itself, without the server's details. */
function reasonOfCode(code: status): FailureReason {
  switch (code) {
    case status.UNAVAILABLE:
      return 'UNAVAILABLE';
    case status.DEADLINE_EXCEEDED:
      return 'DEADLINE_EXCEEDED';
    case status.CANCELLED:
      return 'CANCELLED';
    case status.INVALID_ARGUMENT:
    // A message above gRPC's own size limit.
    case status.RESOURCE_EXHAUSTED:
      return 'INVALID_REQUEST';
    default:
      return 'INTERNAL';
  }
}
