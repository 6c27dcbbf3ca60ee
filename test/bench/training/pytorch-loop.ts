import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

import type { ArchitectureConfig } from '#libs/minigpt4';

import type { BatchShape } from './workload.js';

const SCRIPT = 'test/bench/training/pytorch_stage1.py';

export interface PytorchRound {
  readonly seconds: number;
  readonly peakMiB: number;
}

/** The same loop in PyTorch, in a process of its own. Debian has it as python3-torch. */
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
    });
    return new PytorchLoop(child, createInterface({ input: child.stdout! }));
  }

  /** @throws when PyTorch is not installed or failed; it has said why on stderr */
  async measure(batches: readonly BatchShape[]): Promise<PytorchRound> {
    this.child.stdin!.write(`${JSON.stringify({ batches })}\n`);
    const { value, done } = await this.answers.next();
    if (done) throw new Error('The PyTorch loop ended. Is python3-torch installed?');
    return JSON.parse(value) as PytorchRound;
  }

  close(): void {
    this.child.stdin!.end();
  }
}
