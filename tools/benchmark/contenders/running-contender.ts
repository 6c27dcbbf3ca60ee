import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { Exercise, Reading } from '../exercises.js';
import type { ContenderMessage, ContenderRequest, ContenderSpec } from './contender.js';

const program = fileURLToPath(new URL('./contender-process.js', import.meta.url));

/** The parent's side of a contender in a process of its own, so that contenders share neither memory nor threads. */
export class RunningContender {
  private constructor(
    readonly name: string,
    private readonly spec: ContenderSpec,
    private readonly process: ChildProcess,
  ) {}

  /** @throws Error when the contender cannot be loaded */
  static async start(name: string, spec: ContenderSpec): Promise<RunningContender> {
    const child = fork(program, {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      // For transformers.js, which loads ONNX Runtime by itself.
      env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' },
    });
    const contender = new RunningContender(name, spec, child);
    child.send(spec);
    await contender.receive();
    return contender;
  }

  /** Whether this contender has what the exercise is about. */
  can(exercise: Exercise): boolean {
    switch (exercise.kind) {
      case 'encode-image':
        return this.spec.kind === 'engine';
      case 'full-load':
      case 'photographs':
        return this.spec.kind === 'server';
      default:
        return true;
    }
  }

  /** @throws Error when the exercise fails */
  async perform(exercise: Exercise): Promise<readonly Reading[]> {
    const message = await this.ask(exercise);
    return message.kind === 'readings' ? message.readings : [];
  }

  /** In bytes. */
  async residentMemory(): Promise<number> {
    const message = await this.ask({ kind: 'resident-memory' });
    return message.kind === 'resident-memory' ? message.bytes : 0;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null) return;
    const exit = once(this.process, 'exit');
    this.process.disconnect();
    await exit;
  }

  private ask(request: ContenderRequest): Promise<ContenderMessage> {
    this.process.send(request);
    return this.receive();
  }

  private receive(): Promise<ContenderMessage> {
    return new Promise((resolve, reject) => {
      const exited = () => reject(new Error(`${this.name} ended unexpectedly.`));
      this.process.once('exit', exited);
      this.process.once('message', (message: ContenderMessage) => {
        this.process.off('exit', exited);
        if (message.kind === 'failed') reject(new Error(`${this.name}: ${message.message}`));
        else resolve(message);
      });
    });
  }
}
