import type { z } from 'zod';

/** Reads JSON that another program wrote; undefined where it is none, or not of the expected shape. Never throws. */
export function readForeignJson<Type>(schema: z.ZodType<Type>, text: string): Type | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
