import { BadRequestException } from '@nestjs/common';
import type { z } from 'zod';

/** A request's body, checked. @throws BadRequestException naming what is wrong */
export function validated<Type>(schema: z.ZodType<Type>, body: unknown): Type {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  throw new BadRequestException(wrong.join('; '));
}
