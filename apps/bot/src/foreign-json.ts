import { z } from 'zod';

/**
 * JSON inside of a string that another program hands over: what is no JSON fails as what has the wrong shape does,
 * instead of throwing out of the schema.
 */
export function jsonText<Schema extends z.ZodType>(schema: Schema) {
  return z
    .string()
    .transform((json, context): unknown => {
      try {
        return JSON.parse(json);
      } catch {
        context.addIssue({ code: 'custom', message: 'no JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

/** Where the first problem is, and what was expected there. */
export function wrongField({ issues: [issue] }: z.ZodError): string {
  const path = issue?.path.join('.') ?? '';
  return `${path === '' ? 'all of it' : path}, ${issue?.code === 'invalid_type' ? `not ${issue.expected}` : issue?.code}`;
}
