import { Metadata } from '@grpc/grpc-js';

import type { ImageFault } from '#libs/images';

import { Any } from './generated/google/protobuf/any.js';
import { BadRequest, ErrorInfo, RetryInfo } from './generated/google/rpc/error_details.js';
import { Status } from './generated/google/rpc/status.js';
import { ImageFault as ImageFaultMessage } from './generated/minigpt4/v1/chat_service.js';
import { imageFaultFromWire, imageFaultToWire } from './image-messages.js';

/** Why a call failed, for programs: the `reason` of the status's ErrorInfo. */
export type ErrorReason =
  /** A field of the request is not acceptable. */
  | 'INVALID_REQUEST'
  /** The prompt leaves no room for a reply in the model's context. */
  | 'PROMPT_TOO_LONG'
  /** An image cannot be read, or is too large. */
  | 'INVALID_IMAGE'
  /** An image was named by a digest that the server has not in its cache: send its bytes. */
  | 'IMAGE_NOT_CACHED'
  /** As many requests wait as the server lets wait. */
  | 'QUEUE_FULL'
  /** The server has not loaded its model yet. */
  | 'LOADING'
  /** The server is shutting down. */
  | 'DRAINING'
  /** The caller is gone. */
  | 'CANCELLED'
  /** The server failed; its log says how. */
  | 'INTERNAL';

/** What is wrong with one field of a request. */
export interface FieldViolation {
  /** The path of the field, such as `segments[1].image.data`. */
  readonly field: string;
  readonly description: string;
}

/** What a failed call's status says beyond its code and message. */
export interface ErrorDetails {
  /** Absent when the status does not come from the model server itself but, say, from the network. */
  readonly reason?: string;
  readonly violations: readonly FieldViolation[];
  readonly retryAfterSeconds?: number;
  /** With the reason INVALID_IMAGE: what is wrong with the image. */
  readonly imageFault?: ImageFault;
}

/** The `domain` of every ErrorInfo of this service. */
const errorDomain = 'minigpt4.v1';

/** The trailer that carries a google.rpc.Status (grpc.io, "Richer error model"). */
const detailsTrailer = 'grpc-status-details-bin';

const typeUrl = (message: string) => `type.googleapis.com/google.rpc.${message}`;
const imageFaultUrl = 'type.googleapis.com/minigpt4.v1.ImageFault';

/** Metadata that carries `details` to the client beside the status's code and message. */
export function encodeErrorDetails(
  code: number,
  message: string,
  { reason, violations, retryAfterSeconds, imageFault }: ErrorDetails & { readonly reason: ErrorReason },
): Metadata {
  const details = [
    packed(typeUrl('ErrorInfo'), ErrorInfo.encode({ reason, domain: errorDomain, metadata: {} }).finish()),
  ];
  if (violations.length > 0) {
    const badRequest = BadRequest.fromPartial({ fieldViolations: [...violations] });
    details.push(packed(typeUrl('BadRequest'), BadRequest.encode(badRequest).finish()));
  }
  if (retryAfterSeconds !== undefined) {
    const seconds = Math.floor(retryAfterSeconds);
    const nanos = Math.trunc((retryAfterSeconds - seconds) * 1e9);
    details.push(packed(typeUrl('RetryInfo'), RetryInfo.encode({ retryDelay: { seconds, nanos } }).finish()));
  }
  if (imageFault) {
    const fault = ImageFaultMessage.fromPartial(imageFaultToWire(imageFault));
    details.push(packed(imageFaultUrl, ImageFaultMessage.encode(fault).finish()));
  }
  const metadata = new Metadata();
  metadata.set(detailsTrailer, Buffer.from(Status.encode({ code, message, details }).finish()));
  return metadata;
}

/** The details in a failed call's trailers; empty when there are none. */
export function decodeErrorDetails(metadata: Metadata): ErrorDetails {
  const [trailer] = metadata.get(detailsTrailer);
  if (!(trailer instanceof Uint8Array)) return { violations: [] };

  const details = new Map(Status.decode(trailer).details.map(({ typeUrl, value }) => [typeUrl, value]));
  const errorInfo = details.get(typeUrl('ErrorInfo'));
  const badRequest = details.get(typeUrl('BadRequest'));
  const retryInfo = details.get(typeUrl('RetryInfo'));
  const imageFault = details.get(imageFaultUrl);
  const retryDelay = retryInfo && RetryInfo.decode(retryInfo).retryDelay;
  return {
    reason: errorInfo && ErrorInfo.decode(errorInfo).reason,
    violations: badRequest ? BadRequest.decode(badRequest).fieldViolations : [],
    retryAfterSeconds: retryDelay && retryDelay.seconds + retryDelay.nanos / 1e9,
    ...(imageFault && { imageFault: imageFaultFromWire(ImageFaultMessage.decode(imageFault)) }),
  };
}

function packed(typeUrl: string, value: Uint8Array): Any {
  return { typeUrl, value: Buffer.from(value) };
}
