import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', '--ci'];
const reporter = fileURLToPath(new URL('first-failure-reporter.mjs', import.meta.url));
/** How long one wait in vain may take. Without a fault nothing takes as long, and then the fault is noticed. */
const patience = '20';

/** The specs that Jest finds by these arguments, as paths within the repository. */
export function listSpecs(selection) {
  const listed = execFileSync(process.execPath, [...jest, '--listTests', '--json', ...selection], {
    cwd: repository,
    encoding: 'utf8',
  });
  return JSON.parse(listed)
    .map((path) => relative(repository, path))
    .sort();
}

/**
 * Runs specs up to the first test that fails.
 *
 * @param {readonly string[]} specs
 * @param {AbortSignal} signal
 * @returns {Promise<boolean | undefined>} whether all passed; undefined when they were broken off
 */
export async function passes(specs, signal) {
  if (specs.length === 0) return true;
  if (signal.aborted) return undefined;
  // Of a group of its own, so that what the specs started ends with them.
  const child = spawn(
    process.execPath,
    [...jest, '--runInBand', '--bail', `--reporters=${reporter}`, '--runTestsByPath', ...specs],
    {
      cwd: repository,
      stdio: 'ignore',
      detached: true,
      env: { ...process.env, PATIENCE_SECONDS: patience },
    },
  );
  const end = () => process.kill(-child.pid, 'SIGKILL');
  signal.addEventListener('abort', end);
  const [code] = await once(child, 'exit');
  signal.removeEventListener('abort', end);
  try {
    end();
  } catch {
    // Nothing is left of the group.
  }
  return code === null ? undefined : code === 0;
}
