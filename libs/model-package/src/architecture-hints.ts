import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { type ArchitectureHints, architectureHints } from '#libs/families';

import { ConversionError } from './errors.js';

/** Describes a reference model of unpublished size, beside its ViT checkpoint or the folder of that. */
const HINTS_FILE = 'expected.json';

/** What shapes cannot tell about a model of unpublished size, where a description lies beside its ViT. */
export async function readArchitectureHints(vitPath: string): Promise<ArchitectureHints> {
  const folder = dirname(vitPath);
  return (
    (await readHints(join(folder, HINTS_FILE))) ?? (await readHints(join(folder, '..', HINTS_FILE))) ?? {}
  );
}

async function readHints(path: string): Promise<ArchitectureHints | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return architectureHints.parse(JSON.parse(text));
  } catch (cause) {
    throw new ConversionError(`${path} lies beside the ViT but does not describe its architecture.`, {
      cause,
    });
  }
}
