import { randomUUID } from 'node:crypto';
import { LivedTime } from '../time/lived-time.js';
import { SlackApiError } from './api-error.js';

/** A trigger_id opens one view within three seconds (docs.slack.dev, "Handling user interaction"). */
const lifetimeMs = 3_000;

export class Triggers {
  private readonly time = new LivedTime();
  private readonly issued = new Map<string, { user: string; at: number; used: boolean }>();

  issue(user: string): string {
    const id = `${Date.now()}.${randomUUID()}`;
    this.issued.set(id, { user, at: this.time.now(), used: false });
    return id;
  }

  /** @returns the person whose action made the trigger. */
  exchange(id: string): string {
    const trigger = this.issued.get(id);
    if (trigger === undefined) throw new SlackApiError('invalid_trigger_id');
    if (trigger.used) throw new SlackApiError('exchanged_trigger_id');
    if (this.time.now() - trigger.at > lifetimeMs) throw new SlackApiError('expired_trigger_id');
    trigger.used = true;
    return trigger.user;
  }

  close(): void {
    this.time.close();
  }
}
