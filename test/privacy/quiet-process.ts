import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether `strace` is here and may trace. Without it, what a process does on the network is not seen. */
export const canTrace =
  spawnSync('strace', ['-f', '--seccomp-bpf', '-qq', '-e', 'trace=none', 'true']).status === 0;

/**
 * A program of the product with a home and a temporary folder that hold nothing, and without the variables that this
 * test run has set to keep the runtime quiet.
 */
export class QuietProcess {
  private readonly process: ChildProcess;
  private said = '';

  /** @param folder an empty one */
  constructor(
    private readonly folder: string,
    args: readonly string[],
    variables: NodeJS.ProcessEnv = {},
  ) {
    mkdirSync(join(folder, 'home'));
    mkdirSync(join(folder, 'tmp'));
    // Network calls only: a trace of all calls would slow the process down many times.
    const tracing = ['strace', '-D', '-f', '--seccomp-bpf', '-qq', '-e', 'trace=%network', '-o', this.trace];
    writeFileSync(this.trace, '');
    const [program, ...rest] = [...(canTrace ? tracing : []), process.execPath, ...args];
    this.process = spawn(program!, rest, {
      env: {
        PATH: process.env.PATH,
        HOME: join(folder, 'home'),
        USERPROFILE: join(folder, 'home'),
        TMPDIR: join(folder, 'tmp'),
        ...variables,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.said += text;
      });
    }
  }

  get output(): string {
    return this.said;
  }

  /** Resolves with the exit code once it has ended by itself. */
  async ended(): Promise<number | null> {
    if (this.process.exitCode === null) await once(this.process, 'exit');
    return this.process.exitCode;
  }

  stop(): Promise<number | null> {
    this.process.kill('SIGTERM');
    return this.ended();
  }

  /** Paths below its home and its temporary folder. */
  filesLeft(): string[] {
    return ['home', 'tmp'].flatMap((name) =>
      readdirSync(join(this.folder, name), { recursive: true }).map((path) => join(name, String(path))),
    );
  }

  /** The calls that ask for a name or reach for another machine. Empty where nothing could be traced. */
  callsToOthers(): string[] {
    const calls = readFileSync(this.trace, 'utf8').split('\n');
    return calls.filter((call) => isNameLookUp(call) || isToAnotherMachine(call));
  }

  private get trace(): string {
    return join(this.folder, 'trace');
  }
}

const isNameLookUp = (call: string) => /htons\(53\)|resolve\/io\.systemd/.test(call);

function isToAnotherMachine(call: string): boolean {
  const address = /inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"/.exec(call);
  const host = address?.[1] ?? address?.[2];
  return host !== undefined && !/^(127\.|0\.0\.0\.0$|::1?$|::ffff:127\.)/.test(host);
}
