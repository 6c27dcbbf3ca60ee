import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

import { repositoryRoot } from './repository.js';
import { readSettings } from './settings-file.js';

/** The variables of the process, to which those of `.env` in the repository's root are added; its own take precedence. */
export function loadVariables(): NodeJS.ProcessEnv {
  const file = join(repositoryRoot, '.env');
  if (existsSync(file)) {
    for (const [name, value] of Object.entries(readVariables(file))) process.env[name] ??= value;
  }
  return process.env;
}

/** @throws CodedError `start-up` when the file is not text */
export function readVariables(file: string): NodeJS.Dict<string> {
  return parseEnv(readSettings(file));
}

/** The variables that have a value: an empty one, as in a copied `.env.example`, means that it is not set. */
export function setVariables(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
}
