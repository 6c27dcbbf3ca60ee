import { createRequire } from 'node:module';
import { dirname } from 'node:path';

/** The folder that holds `package.json`, `.env` and `models/`, whether run from sources or from `dist/`. */
export const repositoryRoot = dirname(createRequire(import.meta.url).resolve('#package.json'));
