import { readFile } from 'node:fs/promises';

import { z } from 'zod';

import { ForeignTextError, parseForeignJson } from '#libs/files';

import { EvaluationDataError } from '../errors.js';

/** Reads a JSON file of a known form. @throws EvaluationDataError */
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
    if (!(cause instanceof ForeignTextError)) throw cause;
    throw new EvaluationDataError(`${path} cannot be used: ${cause.message}.`, { cause });
  }
  const { data, error } = form.safeParse(json);
  if (error) throw new EvaluationDataError(`${path} is not ${title}:\n${z.prettifyError(error)}`);
  return data;
}
