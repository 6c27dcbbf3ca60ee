import { setTimeout as sleep } from 'node:timers/promises';
import { SocketModeReceiver } from '@slack/bolt';

const firstRetryMs = 1_000;
const longestRetryMs = 60_000;

/**
 * Socket Mode with a connection that is made again whenever it ends, for as long as it takes. Bolt's own way ends the
 * whole process when Slack cannot be reached at that moment (@slack/socket-mode, `SocketModeClient.retrieveWSSURL`).
 */
export class SteadyReceiver extends SocketModeReceiver {
  readonly #end = new AbortController();
  #isReconnecting = false;

  constructor(options: ConstructorParameters<typeof SocketModeReceiver>[0]) {
    super({ ...options, autoReconnectEnabled: false });
  }

  override async start(): ReturnType<SocketModeReceiver['start']> {
    const connected = await super.start();
    this.client.on('disconnected', () => void this.#reconnect());
    return connected;
  }

  override stop(): Promise<void> {
    this.#end.abort();
    return super.stop();
  }

  async #reconnect(): Promise<void> {
    if (this.#isReconnecting) return;
    this.#isReconnecting = true;
    for (let wait = firstRetryMs; !this.#end.signal.aborted; wait = Math.min(wait * 2, longestRetryMs)) {
      // The client logs what went wrong.
      const isConnected = await this.client.start().then(
        () => true,
        () => false,
      );
      if (isConnected) break;
      await sleep(wait, undefined, { signal: this.#end.signal }).catch(() => {});
    }
    this.#isReconnecting = false;
  }
}
