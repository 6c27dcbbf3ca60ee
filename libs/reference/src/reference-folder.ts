import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Tensor } from '#libs/checkpoint';
import { CodedError } from '#libs/errors';

/** What a model computes of the cases in a reference folder, by the names of its `expected.safetensors`. */
export interface ReferenceNumbers {
  readonly tensors: readonly Tensor[];
  /** What is no tensor: the cases in the same order, each with its `greedy_token_ids`. */
  readonly description: { readonly cases: readonly unknown[] };
}

/** What a folder's `expected.json` says to a schema. @throws CodedError `reference-folder` */
export async function readExpectation<Output>(folder: string, schema: z.ZodType<Output>): Promise<Output> {
  const path = join(folder, 'expected.json');
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    const problem = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new CodedError('reference-folder', `${path} does not describe what to compute: ${problem}`, {
      cause,
    });
  }
}

/** The image file of a name, whatever its format. @throws CodedError `reference-folder` */
export async function readReferenceImage(folder: string, image: string): Promise<Uint8Array> {
  const files = await readdir(folder);
  const file = files.find(
    (name) => /\.(png|jpe?g|webp)$/i.test(name) && name.replace(/\.\w+$/, '') === image,
  );
  if (!file) throw new CodedError('reference-folder', `${folder} holds no image "${image}".`);
  return readFile(join(folder, file));
}
