import { z } from 'zod';

import type { GenerateRequest, Segment } from './engine.js';
import { InvalidRequestError } from './errors.js';
import { isImageDigest } from './image-digest.js';

const segments = z
  .array(
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('text'), text: z.string() }),
      z.object({
        kind: z.literal('image'),
        image: z.discriminatedUnion('kind', [
          z.object({ kind: z.literal('bytes'), bytes: z.instanceof(Uint8Array) }),
          z.object({
            kind: z.literal('digest'),
            digest: z
              .string()
              .refine(isImageDigest, 'An image digest is "sha256:" and 64 hexadecimal digits in lower case.'),
          }),
        ]),
      }),
    ]),
  )
  .min(1, 'A prompt needs at least one segment.');

const generateRequest = z.object({
  segments,
  sampling: z
    .object({
      temperature: z.number().min(0).max(2),
      topP: z.number().positive().max(1),
      topK: z.int().nonnegative(),
      repetitionPenalty: z.number().positive().max(2),
      seed: z.int().nonnegative(),
    })
    .partial()
    .optional(),
  maxNewTokens: z.int().positive().optional(),
  stopSequences: z.array(z.string().min(1, 'A stop sequence must not be empty.')).max(8),
});

/** @throws InvalidRequestError for the first field that is out of range */
export function validateRequest(request: GenerateRequest): void {
  validate(generateRequest, request, '');
}

/** @throws InvalidRequestError for the first segment that is not acceptable */
export function validateSegments(value: readonly Segment[]): void {
  validate(segments, value, 'segments');
}

function validate(schema: z.ZodType, value: unknown, field: string): void {
  const { error } = schema.safeParse(value);
  const issue = error?.issues[0];
  if (issue) throw new InvalidRequestError(fieldPath(field, issue.path), issue.message);
}

/** Such as `segments[2].image.digest`. */
function fieldPath(field: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, field);
}
