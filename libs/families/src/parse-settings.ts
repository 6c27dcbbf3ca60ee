import type { z } from 'zod';
import { CodedError } from '#libs/errors';

/** @throws CodedError `checkpoint-mismatch` that names the file and the first field that is not as it should be */
export function parseSettings<Output>(schema: z.ZodType<Output>, settings: unknown, file: string): Output {
  if (settings === undefined) {
    throw new CodedError('checkpoint-mismatch', `${file} is missing. Put it into the folder of the weights.`);
  }
  const { data, error } = schema.safeParse(settings);
  if (data !== undefined) return data;
  const issue = error!.issues[0]!;
  throw new CodedError(
    'checkpoint-mismatch',
    `${file} cannot be used: ${issue.path.join('.')}: ${issue.message}.`,
    {
      cause: error,
    },
  );
}
