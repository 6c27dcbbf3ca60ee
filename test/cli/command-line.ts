import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../dist/apps/cli/src/main.js', import.meta.url));

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command line as a user's shell would. */
export function runCommand(...args: readonly string[]): Promise<CommandResult> {
  return new Promise((resolve) => {
    const environment = { ...process.env, DEBUG: '', NODE_OPTIONS: '' };
    execFile(process.execPath, [main, ...args], { env: environment }, (error, stdout, stderr) => {
      resolve({ exitCode: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}
