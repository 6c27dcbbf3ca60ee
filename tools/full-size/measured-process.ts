import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';

const SAMPLE_MS = 250;

export interface MeasuredRun {
  readonly stdout: string;
  readonly seconds: number;
  readonly usage: Usage;
}

/** What a process took of the machine. */
export interface Usage {
  /** Seconds of all processors together, which others at work on the machine do not change much. */
  readonly processorSeconds: number;
  /** The most bytes that were in memory, files mapped into it included. */
  readonly residentBytes: number;
  /** Those of them that cannot be read again from a file. */
  readonly anonymousBytes: number;
}

/** Runs a program to its end and measures its time and memory. @throws Error when it fails */
export async function runMeasured(program: string, args: readonly string[]): Promise<MeasuredRun> {
  const start = performance.now();
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const watch = watchUsage(child);
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const [code] = await once(child, 'close');
  const usage = watch.stop();
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with code ${code}.`);
  return { stdout, seconds: (performance.now() - start) / 1000, usage };
}

/** Of a second, in which the kernel counts (proc(5); the same on all of Linux's usual platforms). */
const TICKS = 100;

/** Looks at a process again and again (proc(5), `/proc/PID/status` and `/proc/PID/stat`). */
export function watchUsage({ pid }: Pick<ChildProcess, 'pid'>): { stop(): Usage } {
  let usage: Usage = { processorSeconds: 0, residentBytes: 0, anonymousBytes: 0 };
  const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  const sample = async () => {
    const [status, stat] = await Promise.all([read('status'), read('stat')]);
    const bytesOf = (field: string) =>
      Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024;
    const [userTicks = 0, systemTicks = 0] = stat
      .replace(/^.*\) /s, '')
      .split(' ')
      .slice(11, 13)
      .map(Number);
    usage = {
      processorSeconds: Math.max(usage.processorSeconds, (userTicks + systemTicks) / TICKS),
      residentBytes: Math.max(usage.residentBytes, bytesOf('VmHWM')),
      anonymousBytes: Math.max(usage.anonymousBytes, bytesOf('RssAnon')),
    };
  };
  const timer = setInterval(() => void sample(), SAMPLE_MS);
  return {
    stop() {
      clearInterval(timer);
      return usage;
    },
  };
}
