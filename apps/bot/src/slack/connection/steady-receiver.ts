import { setTimeout as sleep } from 'node:timers/promises';
import { SocketModeReceiver } from '@slack/bolt';

const firstRetryMs = 1_000;
const maxRetryMs = 60_000;

/**
 * Socket Mode with a connection that is made again whenever it ends, for as long as it takes. Bolt's own way ends the
 * whole process when Slack cannot be reached at that moment (@slack/socket-mode, `SocketModeClient.retrieveWSSURL`).
 */
export class SteadyReceiver extends SocketModeReceiver {
  readonly #end = new AbortController();
  #isReconnecting = false;

  /** @param report is called with each payload that cannot be processed; all others go on */
  constructor(
    options: ConstructorParameters<typeof SocketModeReceiver>[0],
    private readonly report: (error: unknown) => void,
  ) {
    super({ ...options, autoReconnectEnabled: false });
    for (const event of ['ws_message', 'slack_event']) this.#surviveErrorsOf(event);
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

  /**
   * The client reads a payload that it does not expect, such as an envelope without content, in a listener that rejects:
   * that would end the whole process (@slack/socket-mode, `SocketModeClient.onWebSocketMessage`).
   */
  #surviveErrorsOf(event: string): void {
    const listeners = this.client.listeners(event);
    this.client.removeAllListeners(event);
    for (const listener of listeners) {
      this.client.on(event, async (...details: unknown[]) => {
        try {
          await listener.apply(this.client, details);
        } catch (error) {
          this.report(error);
        }
      });
    }
  }

  async #reconnect(): Promise<void> {
    if (this.#isReconnecting) return;
    this.#isReconnecting = true;
    for (let wait = firstRetryMs; !this.#end.signal.aborted; wait = Math.min(wait * 2, maxRetryMs)) {
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
