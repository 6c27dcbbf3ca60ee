import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { CodedError, hasCode } from '#libs/errors';

import { parseForeignJson } from '#libs/files';

/** Reads a JSON file of a known form. @throws CodedError `evaluation-data` */
export async function readJson<Content>(
  path: string,
  form: z.ZodType<Content>,
  title: string,
): Promise<Content> {
  const content = await readFile(path);
  let json: unknown;
  try {
    json = parseForeignJson(content);
  } catch (cause) {
    if (!hasCode(cause, 'foreign-text')) throw cause;
    throw new CodedError('evaluation-data', `${path} cannot be used: ${cause.message}.`, { cause });
  }
  const { data, error } = form.safeParse(json);
  if (error) throw new CodedError('evaluation-data', `${path} is not ${title}:\n${z.prettifyError(error)}`);
  return data;
}
