import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadEnvFile } from 'node:process';

import { repositoryRoot } from './repository.js';

/** The variables of the process, to which those of `.env` in the repository's root are added; its own take precedence. */
export function loadVariables(): NodeJS.ProcessEnv {
  const file = join(repositoryRoot, '.env');
  if (existsSync(file)) loadEnvFile(file);
  return process.env;
}

/** The variables that have a value: an empty one, as in a copied `.env.example`, means that it is not set. */
export function setVariables(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
}
