import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';

const SAMPLE_MS = 250;

export interface MeasuredRun {
  readonly stdout: string;
  readonly seconds: number;
  readonly peakMemory: PeakMemory;
}

/** In bytes. */
export interface PeakMemory {
  /** All that was in memory, files mapped into it included. */
  readonly resident: number;
  /** What cannot be read again from a file. */
  readonly anonymous: number;
}

/** Runs a program to its end and measures its time and memory. @throws Error when it fails */
export async function runMeasured(program: string, args: readonly string[]): Promise<MeasuredRun> {
  const start = performance.now();
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const memory = watchMemory(child);
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const [code] = await once(child, 'close');
  const peakMemory = memory.stop();
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with code ${code}.`);
  return { stdout, seconds: (performance.now() - start) / 1000, peakMemory };
}

/** Looks at a process's memory again and again (proc(5), `/proc/PID/status`). */
export function watchMemory({ pid }: Pick<ChildProcess, 'pid'>): { stop(): PeakMemory } {
  let peak: PeakMemory = { resident: 0, anonymous: 0 };
  const sample = async () => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const bytesOf = (field: string) =>
      Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024;
    peak = {
      resident: Math.max(peak.resident, bytesOf('VmHWM')),
      anonymous: Math.max(peak.anonymous, bytesOf('RssAnon')),
    };
  };
  const timer = setInterval(() => void sample(), SAMPLE_MS);
  return {
    stop() {
      clearInterval(timer);
      return peak;
    },
  };
}
