import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { run } from '../../apps/cli/src/run.js';

/** The built command line's file. */
export const main = fileURLToPath(new URL('../../dist/apps/cli/src/main.js', import.meta.url));

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command as a user's shell would, but in this process, which has loaded most of it already. */
export function runCommand(...args: readonly string[]): Promise<CommandResult> {
  return runCommandWith({}, ...args);
}

/** They share this process's output, so that one waits for another. */
let last: Promise<unknown> = Promise.resolve();

/** The same with further environment variables. */
export function runCommandWith(
  variables: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<CommandResult> {
  const result = last.then(() => runHere(variables, args));
  last = result;
  return result;
}

async function runHere(
  variables: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<CommandResult> {
  const environment = { ...process.env };
  const restore = [catchOutput('stdout'), catchOutput('stderr')] as const;
  Object.assign(process.env, { DEBUG: '' }, variables);
  process.exitCode = undefined;
  try {
    await run(args);
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
    Object.assign(process.env, environment);
  }
  const exitCode = Number(process.exitCode ?? 0);
  process.exitCode = undefined;
  const [stdout, stderr] = restore.map((end) => end());
  return { exitCode, stdout: stdout!, stderr: stderr! };
}

/** What is written to a stream is kept until the returned function is called, which gives it back. */
function catchOutput(name: 'stdout' | 'stderr'): () => string {
  const stream = process[name];
  const { write, isTTY } = stream;
  let text = '';
  stream.isTTY = false;
  stream.write = (chunk: string | Uint8Array, ...rest: readonly unknown[]) => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    const written = rest.find((argument): argument is () => void => typeof argument === 'function');
    written?.();
    return true;
  };
  return () => {
    stream.write = write;
    stream.isTTY = isTTY;
    return text;
  };
}

/** The same in a process of its own, from what was built. Several may run at once. */
export async function runProcessWith(
  variables: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<CommandResult> {
  const child = start(args, 'pipe', variables);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  const [exitCode] = await once(child, 'close');
  return { exitCode, ...output };
}

/** A command that is left running. */
export interface RunningCommand {
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<unknown>;
}

export function startCommand(...args: readonly string[]): RunningCommand {
  const child = start(args, 'ignore');
  return { kill: (signal) => child.kill(signal), ended: once(child, 'exit') };
}

function start(args: readonly string[], stdio: 'pipe' | 'ignore', variables = {}) {
  const environment = { ...process.env, DEBUG: '', NODE_OPTIONS: '', ...variables };
  return spawn(process.execPath, [main, ...args], { env: environment, stdio });
}
