import type { AppManifest } from './app-manifest.js';
import type { ConversationKind } from './records.js';

/** The scope that reading a conversation's messages takes (docs.slack.dev, conversations.history). */
export const historyScope: Record<ConversationKind, string> = {
  channel: 'channels:history',
  group: 'groups:history',
  im: 'im:history',
  mpim: 'mpim:history',
};

/** The event that a message in a conversation is, and that the app must subscribe to. */
export const messageEvent: Record<ConversationKind, string> = {
  channel: 'message.channels',
  group: 'message.groups',
  im: 'message.im',
  mpim: 'message.mpim',
};

const eventScope: Record<string, string> = {
  app_mention: 'app_mentions:read',
  'message.channels': 'channels:history',
  'message.groups': 'groups:history',
  'message.im': 'im:history',
  'message.mpim': 'mpim:history',
};

/** An app hears of an event that it subscribed to and has the scope for. */
export function hears(manifest: AppManifest, event: string): boolean {
  const scope = eventScope[event];
  return (
    manifest.settings.event_subscriptions.bot_events.includes(event) &&
    (scope === undefined || manifest.oauth_config.scopes.bot.includes(scope))
  );
}
