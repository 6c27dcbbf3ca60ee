import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { readSettings, repositoryRoot } from '#libs/start-up';

/**
 * Sets variables in the `.env` of a folder, which is made from `.env.example` where there is none.
 * @returns what was done, in a sentence
 */
export async function writeEnvFile(
  folder: string,
  variables: Readonly<Record<string, string>>,
): Promise<string> {
  const file = join(folder, '.env');
  const text = existsSync(file)
    ? readSettings(file)
    : await readFile(join(repositoryRoot, '.env.example'), 'utf8');
  // Only its owner may read what holds tokens.
  await writeFile(file, setVariablesIn(text, variables), { mode: 0o600 });
  const set = Object.keys(variables).filter((name) => variables[name] !== '');
  return `${file} has ${set.join(', ')}.`;
}

/** The line of each variable is replaced where it stands, also when it is empty; comments, order and other lines stay. */
function setVariablesIn(text: string, variables: Readonly<Record<string, string>>): string {
  let result = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  for (const [name, value] of Object.entries(variables)) {
    const line = new RegExp(`^(?:export\\s+)?${name}\\s*=.*$`, 'm');
    const assignment = `${name}=${value}`;
    result = line.test(result) ? result.replace(line, () => assignment) : `${result}${assignment}\n`;
  }
  return result;
}

const configFile = 'bot.config.yaml';

export function hasBotConfig(folder: string): boolean {
  return existsSync(join(folder, configFile));
}

/**
 * Writes who may ask.
 * @param allowed ids of servers and workspaces
 * @param names theirs, by id
 * @returns what was done, in a sentence
 */
export async function writeBotConfig(
  folder: string,
  allowed: readonly string[],
  names: ReadonlyMap<string, string>,
): Promise<string> {
  const file = join(folder, configFile);
  const lines = allowed.map((id) => `      - "${id}" # ${names.get(id)?.replaceAll(/\s+/g, ' ')}`);
  await writeFile(
    file,
    [
      '# bot.config.example.yaml explains every setting.',
      'permissions:',
      '  servers:',
      '    # Only these may ask; direct messages may when "direct" is added.',
      '    allow:',
      ...lines,
      '      - web # the web page',
      '',
    ].join('\n'),
  );
  return `${file} names who may ask.`;
}
