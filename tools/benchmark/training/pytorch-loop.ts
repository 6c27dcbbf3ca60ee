import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';

import type { ArchitectureConfig } from '#libs/minigpt4';

import type { BatchShape } from './workload.js';

const SCRIPT = 'tools/benchmark/training/pytorch_stage1.py';

/**
 * What makes Debian's PyTorch about four times as fast as it is by itself. Its own threads are OpenMP's, and those of
 * OpenBLAS's default build fight with them for the cores; the build for OpenMP (libopenblas0-openmp) shares them. Of
 * OpenBLAS's kernels for AVX-512 those named SkylakeX proved faster than what it chooses by itself on recent AMD
 * processors. And memory that a step gives back is kept for the next.
 */
const environment = {
  LD_LIBRARY_PATH: '/usr/lib/x86_64-linux-gnu/openblas-openmp',
  MALLOC_MMAP_THRESHOLD_: String(2 ** 32),
  MALLOC_TRIM_THRESHOLD_: String(2 ** 33),
  ...(hasAvx512() && { OPENBLAS_CORETYPE: 'SkylakeX' }),
};

export interface PytorchRound {
  readonly seconds: number;
  readonly peakMiB: number;
}

/** The same loop in PyTorch, in a process of its own: Debian's python3-torch, with libopenblas0-openmp. */
export class PytorchLoop {
  private readonly answers: AsyncIterator<string>;

  private constructor(
    private readonly child: ChildProcess,
    lines: Interface,
  ) {
    this.answers = lines[Symbol.asyncIterator]();
  }

  static open({ decoder, qFormer }: ArchitectureConfig, threads: number): PytorchLoop {
    const { hidden, layers, heads, intermediate, vocabulary } = decoder;
    const settings = {
      threads,
      features: qFormer!.hidden,
      decoder: { hidden, layers, heads, intermediate, vocabulary },
    };
    const child = spawn('/usr/bin/python3', [SCRIPT, JSON.stringify(settings)], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...environment, ...process.env },
    });
    return new PytorchLoop(child, createInterface({ input: child.stdout! }));
  }

  /** @throws when PyTorch is not installed or failed; it has said why on stderr */
  async measure(batches: readonly BatchShape[]): Promise<PytorchRound> {
    this.child.stdin!.write(`${JSON.stringify({ batches })}\n`);
    const { value, done } = await this.answers.next();
    if (done) throw new Error('The PyTorch loop ended. Are python3-torch and libopenblas0-openmp installed?');
    return JSON.parse(value) as PytorchRound;
  }

  close(): void {
    this.child.stdin!.end();
  }
}

function hasAvx512(): boolean {
  return readFileSync('/proc/cpuinfo', 'utf8').includes(' avx512f ');
}
