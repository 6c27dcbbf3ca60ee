import { readFile } from 'node:fs/promises';

import { z } from 'zod';

import { EvaluationDataError } from '../errors.js';

/** Reads a JSON file of a known form. @throws EvaluationDataError */
export async function readJson<Content>(
  path: string,
  form: z.ZodType<Content>,
  title: string,
): Promise<Content> {
  const content = await readFile(path, 'utf8');
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch (cause) {
    throw new EvaluationDataError(`${path} is not JSON.`, { cause });
  }
  const { data, error } = form.safeParse(json);
  if (error) throw new EvaluationDataError(`${path} is not ${title}:\n${z.prettifyError(error)}`);
  return data;
}
