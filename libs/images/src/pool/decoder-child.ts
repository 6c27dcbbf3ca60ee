import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';

import type { DecoderReply, DecoderRequest } from '../decoder/messages.js';

/** A decoder process from its owner's side. While it does nothing it does not keep the owner's process alive. */
export class DecoderChild {
  private readonly process: ChildProcess;
  private readonly ready: Promise<void>;
  private readonly exited: Promise<string>;
  private hasExited = false;

  constructor() {
    this.process = fork(createRequire(import.meta.url).resolve('#image-decoder'), {
      serialization: 'advanced',
      execArgv: [],
      env: decoderEnvironment(),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.process.on('error', () => {});
    this.exited = once(this.process, 'close').then(([code, signal]) => {
      this.hasExited = true;
      return signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
    });
    this.ready = this.nextReply().then((reply) => {
      if (reply.kind === 'ready') return;
      const how = reply.kind === 'ended' ? reply.how : 'gave another answer than that it is ready';
      throw new Error(`The image decoder could not be started: it ${how}.`);
    });
    this.ready.catch(() => {});
  }

  get isAlive(): boolean {
    return !this.hasExited && this.process.connected;
  }

  /**
   * Has it do one task; it takes one at a time.
   * @param seconds after which it is ended as being over its budget, whatever it is doing
   * @throws Error when the process cannot be started
   */
  async ask(request: DecoderRequest, seconds: number): Promise<DecoderReply | Ended> {
    this.keepOwnerAlive(true);
    let timer: NodeJS.Timeout | undefined;
    let isLate = false;
    try {
      await this.ready;
      timer = setTimeout(() => {
        isLate = true;
        this.end();
      }, seconds * 1_000);
      const answer = this.nextReply();
      this.process.send(request, () => {});
      const reply = await answer;
      return isLate && reply.kind === 'ended' ? { kind: 'over-budget', resource: 'time' } : reply;
    } finally {
      clearTimeout(timer);
      this.keepOwnerAlive(false);
    }
  }

  end(): void {
    this.process.kill('SIGKILL');
  }

  private async nextReply(): Promise<DecoderReply | Ended> {
    const controller = new AbortController();
    const message = once(this.process, 'message', { signal: controller.signal });
    message.catch(() => {});
    try {
      return await Promise.race([
        message.then(([reply]): DecoderReply => reply),
        this.exited.then((how): Ended => ({ kind: 'ended', how, byItself: this.process.exitCode === 0 })),
      ]);
    } finally {
      controller.abort();
    }
  }

  private keepOwnerAlive(isBusy: boolean): void {
    if (isBusy) {
      this.process.ref();
      this.process.channel?.ref();
    } else {
      this.process.unref();
      this.process.channel?.unref();
    }
  }
}

/** The process is no more. */
export interface Ended {
  readonly kind: 'ended';
  readonly how: string;
  /** As it does when it was idle for long. */
  readonly byItself: boolean;
}

/** What reads strangers' files is told no tokens: only what a program needs to find its libraries. */
function decoderEnvironment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, LD_LIBRARY_PATH } = process.env;
  return { PATH, SystemRoot, LD_LIBRARY_PATH, VIPS_WARNING: '0' };
}
