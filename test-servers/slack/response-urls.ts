import { randomUUID } from 'node:crypto';
import type { KnownBlock } from '@slack/types';
import type { Message } from './records.js';
import type { WorkspaceStore } from './store.js';

/** A response_url takes five responses within thirty minutes (docs.slack.dev, "Handling user interaction"). */
const maxUses = 5;
const lifetimeMs = 30 * 60_000;

interface ResponseTarget {
  readonly channel: string;
  readonly user: string;
  readonly threadTs: string | undefined;
  readonly issuedAt: number;
  uses: number;
  /** The message the interaction came from, or the last one sent here: what `replace_original` replaces. */
  original: Message | undefined;
}

export interface ResponseBody {
  readonly text?: string;
  readonly blocks?: readonly KnownBlock[];
  readonly response_type?: 'ephemeral' | 'in_channel';
  readonly replace_original?: boolean;
  readonly delete_original?: boolean;
}

/** The addresses that let an app answer an interaction without being in the conversation. */
export class ResponseUrls {
  private readonly targets = new Map<string, ResponseTarget>();

  constructor(private readonly store: WorkspaceStore) {}

  issue(channel: string, user: string, original?: Message): string {
    const id = randomUUID();
    const threadTs = original?.threadTs;
    this.targets.set(id, { channel, user, threadTs, issuedAt: Date.now(), uses: 0, original });
    return `/response/${id}`;
  }

  /** @returns the HTTP status and text Slack answers with. */
  respond(id: string, body: ResponseBody): { status: number; text: string } {
    const target = this.targets.get(id);
    if (target === undefined || Date.now() - target.issuedAt > lifetimeMs)
      return { status: 404, text: 'expired_url' };
    if (target.uses >= maxUses) return { status: 404, text: 'used_url' };
    target.uses += 1;
    this.show(target, body);
    return { status: 200, text: 'ok' };
  }

  private show(target: ResponseTarget, body: ResponseBody): void {
    if (body.delete_original) {
      if (target.original !== undefined) this.store.remove(target.original);
      return;
    }
    if (body.replace_original && target.original !== undefined) {
      this.store.rewrite(target.original, body.text ?? '', body.blocks ?? []);
      return;
    }
    target.original = this.store.addMessage({
      channel: target.channel,
      author: this.store.bot.id,
      text: body.text ?? '',
      blocks: body.blocks,
      threadTs: target.threadTs,
      visibleTo: body.response_type === 'in_channel' ? undefined : target.user,
    });
  }
}
