import type { Arguments } from './arguments.js';
import type { EventsApi } from './events.js';
import type { OpenViews } from './open-views.js';
import type { RateLimits, Tier } from './rate-limits.js';
import type { SocketDelivery } from './socket-delivery.js';
import type { WorkspaceStore } from './store.js';
import type { Triggers } from './triggers.js';
import type { Uploads } from './uploads.js';

/** What a Web API method works on. */
export interface MethodContext {
  readonly store: WorkspaceStore;
  readonly events: EventsApi;
  readonly rates: RateLimits;
  readonly triggers: Triggers;
  readonly views: OpenViews;
  readonly uploads: Uploads;
  readonly sockets: SocketDelivery;
  readonly assistantThreads: Map<string, AssistantThread>;
  readonly grantedScopes: ReadonlySet<string>;
  baseUrl(): string;
}

/** What the header of an assistant thread shows. */
export interface AssistantThread {
  /** Every status set, in order; an empty one clears it. */
  readonly statuses: string[];
  title?: string;
  suggestedPrompts: readonly { readonly title: string; readonly message: string }[];
}

/** One Web API method: who may call it, how often, and what it does. */
export interface Method {
  /** Any one of these scopes is enough; none are needed when empty. */
  readonly scopes: readonly string[];
  readonly tier: Tier | 'posting';
  readonly token?: 'app';
  run(args: Arguments, context: MethodContext): Record<string, unknown> | Promise<Record<string, unknown>>;
}

export type Methods = Readonly<Record<string, Method>>;
