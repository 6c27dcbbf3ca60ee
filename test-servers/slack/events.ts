import type { AppManifest } from './app-manifest.js';
import type { Acknowledgement, Delivery, Retry } from './delivery.js';
import { messagePayload } from './payloads.js';
import type { Message } from './records.js';
import { hears, messageEvent } from './scopes.js';
import { newId, type WorkspaceStore } from './store.js';

/** Slack tries an unacknowledged event three more times: at once, after a minute, after five. */
const retryDelaysMs: readonly number[] = [0, 60_000, 300_000];

/** Turns what happens in the workspace into Events API deliveries for the app. */
export class EventsApi {
  /** Event envelopes sent so far, retries included, to redeliver one or to count them. */
  readonly sent: Record<string, unknown>[] = [];
  /** How the app acknowledged the first delivery of each. */
  readonly acknowledgements: Acknowledgement[] = [];
  private readonly retries = new Set<NodeJS.Timeout>();

  constructor(
    private readonly store: WorkspaceStore,
    private readonly manifest: AppManifest,
    private readonly delivery: () => Delivery,
    private readonly baseUrl: () => string,
  ) {}

  /**
   * A new message: `message` for the conversations the app is in, and `app_mention` when it is named there.
   * `only` leaves one of the two out: mentions with a file were seen to come as one or the other (bolt-python#925).
   */
  async posted(message: Message, only?: 'app_mention' | 'message'): Promise<void> {
    const payload = messagePayload(this.store, message, this.baseUrl());
    const conversation = this.store.conversations.get(message.channel);
    if (conversation === undefined || !conversation.members.has(this.store.bot.id)) return;
    const place = { channel: message.channel, event_ts: message.ts };
    const sending: Promise<void>[] = [];
    const byOther = message.author !== this.store.bot.id;
    const said = `${message.text} ${JSON.stringify(message.blocks)}`;
    const named =
      said.includes(`<@${this.store.bot.id}>`) || said.includes(`"user_id":"${this.store.bot.id}"`);
    const mentioned = byOther && named && conversation.kind !== 'im';
    if (mentioned && only !== 'message' && hears(this.manifest, 'app_mention')) {
      const { subtype: _, ...mention } = payload;
      sending.push(this.send({ ...mention, ...place, type: 'app_mention' }));
    }
    if (only !== 'app_mention' && hears(this.manifest, messageEvent[conversation.kind])) {
      sending.push(this.send({ ...payload, ...place, channel_type: conversation.kind }));
    }
    await Promise.all(sending);
  }

  /** A message became another: its author edited it, or Slack added the preview of a link. */
  async changed(message: Message, previous: Record<string, unknown>): Promise<void> {
    const conversation = this.store.conversations.get(message.channel);
    if (conversation === undefined || !hears(this.manifest, messageEvent[conversation.kind])) return;
    await this.send({
      type: 'message',
      subtype: 'message_changed',
      channel: message.channel,
      channel_type: conversation.kind,
      ts: String(Date.now() / 1_000),
      event_ts: String(Date.now() / 1_000),
      hidden: true,
      message: messagePayload(this.store, message, this.baseUrl()),
      previous_message: previous,
    });
  }

  /** A message as events carry it. */
  payload(message: Message): Record<string, unknown> {
    return messagePayload(this.store, message, this.baseUrl());
  }

  /** Sends any event, also one that Slack would not send. */
  async sendRaw(event: unknown): Promise<void> {
    await this.send(event);
  }

  async deleted(message: Message): Promise<void> {
    const conversation = this.store.conversations.get(message.channel);
    if (conversation === undefined || !hears(this.manifest, messageEvent[conversation.kind])) return;
    await this.send({
      type: 'message',
      subtype: 'message_deleted',
      channel: message.channel,
      channel_type: conversation.kind,
      ts: message.ts,
      event_ts: message.ts,
      deleted_ts: message.ts,
      hidden: true,
      previous_message: messagePayload(this.store, message, this.baseUrl()),
    });
  }

  async homeOpened(user: string, channel: string, tab: 'home' | 'messages'): Promise<void> {
    if (!hears(this.manifest, 'app_home_opened')) return;
    const event_ts = String(Date.now() / 1_000);
    await this.send({ type: 'app_home_opened', user, channel, tab, event_ts });
  }

  /** Sends an envelope once more, as Slack does when an acknowledgement was lost on the way. */
  async redeliver(envelope: Record<string, unknown>, retry: Retry): Promise<void> {
    this.sent.push(envelope);
    await this.delivery().deliver({ kind: 'events_api', body: envelope, retry });
  }

  close(): void {
    for (const retry of this.retries) clearTimeout(retry);
  }

  private async send(event: unknown): Promise<void> {
    const envelope = {
      token: 'verification-token',
      team_id: this.store.team.id,
      api_app_id: this.store.appId,
      type: 'event_callback',
      event_id: newId('Ev'),
      event_time: Math.floor(Date.now() / 1000),
      authorizations: [
        {
          team_id: this.store.team.id,
          user_id: this.store.bot.id,
          is_bot: true,
          is_enterprise_install: false,
        },
      ],
      event,
    };
    this.sent.push(envelope);
    const acknowledgement = await this.delivery().deliver({ kind: 'events_api', body: envelope });
    this.acknowledgements.push(acknowledgement);
    if (acknowledgement.outcome !== 'acknowledged') {
      this.retryLater(envelope, acknowledgement.outcome === 'timed_out' ? 'http_timeout' : 'http_error', 1);
    }
  }

  private retryLater(envelope: Record<string, unknown>, reason: Retry['reason'], attempt: number): void {
    const delay = retryDelaysMs[attempt - 1];
    if (delay === undefined) return;
    const timer = setTimeout(async () => {
      this.retries.delete(timer);
      this.sent.push(envelope);
      const retry = { attempt, reason };
      const acknowledgement = await this.delivery().deliver({ kind: 'events_api', body: envelope, retry });
      if (acknowledgement.outcome !== 'acknowledged') this.retryLater(envelope, reason, attempt + 1);
    }, delay);
    this.retries.add(timer);
  }
}
