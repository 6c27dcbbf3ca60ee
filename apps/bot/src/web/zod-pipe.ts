import { BadRequestException, type PipeTransform } from '@nestjs/common';
import type { z } from 'zod';

/** Checks the body of a request. @throws BadRequestException naming what is wrong */
export class ZodPipe<Type> implements PipeTransform<unknown, Type> {
  constructor(private readonly schema: z.ZodType<Type>) {}

  transform(body: unknown): Type {
    const parsed = this.schema.safeParse(body);
    if (parsed.success) return parsed.data;
    const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
    throw new BadRequestException(wrong.join('; '));
  }
}
