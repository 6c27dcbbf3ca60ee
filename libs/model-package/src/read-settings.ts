import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { recogniseImpostor } from '#libs/checkpoint';
import { CodedError } from '#libs/errors';
import type { PublishedSettings } from '#libs/minigpt4';

export const CONFIG_FILE = 'config.json';

/**
 * Reads the JSON files of a folder that describe the weights beside them; each may be missing.
 * @throws CodedError `conversion` for one that is there and no JSON
 */
export async function readSettings(folder: string): Promise<PublishedSettings> {
  const [config, preprocessor, tokenizer] = await Promise.all(
    [CONFIG_FILE, 'preprocessor_config.json', 'tokenizer_config.json'].map((file) =>
      readJson(join(folder, file)),
    ),
  );
  return { config, preprocessor, tokenizer };
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CodedError(
      'conversion',
      `${path}: ${recogniseImpostor(text) ?? 'this is not JSON, or only half of it; download it again'}.`,
      { cause },
    );
  }
}
