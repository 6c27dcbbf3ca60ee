import type { Engine } from '#libs/engine';

import { type RunningServer, runServer } from '../model-server/running-server.js';

/** A model server of a story's own, which can go away and come back at the same address. */
export class StoryServer {
  private constructor(
    private readonly engine: Engine,
    private running: RunningServer | undefined,
    readonly address: string,
  ) {}

  static async start(engine: Engine): Promise<StoryServer> {
    const running = await runServer(() => engine);
    return new StoryServer(engine, running, running.address);
  }

  async goAway(): Promise<void> {
    await this.running?.close();
    this.running = undefined;
  }

  async comeBack(): Promise<void> {
    this.running = await runServer(() => this.engine, { GRPC_PORT: this.address.split(':')[1] });
  }

  close(): Promise<void> {
    return this.goAway();
  }
}
