import { BadRequestException, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

const header = 'x-image-name';

/** The name of an uploaded picture, from its header. */
export const ImageName = createParamDecorator((_: unknown, context: ExecutionContext) =>
  decodedName(context.switchToHttp().getRequest<Request>().get(header) ?? ''),
);

/**
 * Headers hold ASCII only, so the name comes percent-encoded.
 * @throws BadRequestException where it does not
 */
export function decodedName(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch (cause) {
    throw new BadRequestException(`${header}: must be percent-encoded`, { cause });
  }
}
