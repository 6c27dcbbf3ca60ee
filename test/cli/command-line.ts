import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The built command line's file. */
export const main = fileURLToPath(new URL('../../dist/apps/cli/src/main.js', import.meta.url));

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command line as a user's shell would. */
export function runCommand(...args: readonly string[]): Promise<CommandResult> {
  return runCommandWith({}, ...args);
}

/** The same with further environment variables. */
export function runCommandWith(
  variables: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const environment = { ...process.env, DEBUG: '', NODE_OPTIONS: '', ...variables };
    execFile(process.execPath, [main, ...args], { env: environment }, (error, stdout, stderr) => {
      resolve({ exitCode: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

/** A command that is left running. */
export interface RunningCommand {
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<unknown>;
}

export function startCommand(...args: readonly string[]): RunningCommand {
  const environment = { ...process.env, DEBUG: '', NODE_OPTIONS: '' };
  const child = spawn(process.execPath, [main, ...args], { env: environment, stdio: 'ignore' });
  return { kill: (signal) => child.kill(signal), ended: once(child, 'exit') };
}
