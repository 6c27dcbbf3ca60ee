import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseDocument } from 'yaml';
import { z } from 'zod';

import { repositoryRoot } from '#libs/start-up';

/** How Slack reaches the app: over a WebSocket that the app opens, or at its public address. */
export type SlackMode = { readonly kind: 'socket' } | { readonly kind: 'http'; readonly address: string };

const manifest = z.object({ oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }) });

/** The manifest to create the Slack app from, as YAML. */
export function readSlackManifest(mode: SlackMode): string {
  const text = readFileSync(join(repositoryRoot, 'apps/bot/slack-manifest.yaml'), 'utf8');
  return mode.kind === 'socket' ? text : overHttp(text, new URL('/slack/events', mode.address).href);
}

function overHttp(text: string, url: string): string {
  const document = parseDocument(text);
  document.commentBefore = ' The Slack app, over HTTP.';
  document.setIn(['settings', 'socket_mode_enabled'], false);
  document.setIn(['settings', 'event_subscriptions', 'request_url'], url);
  document.setIn(['settings', 'interactivity', 'request_url'], url);
  const commands = document.toJS().features.slash_commands as readonly unknown[];
  for (const index of commands.keys()) document.setIn(['features', 'slash_commands', index, 'url'], url);
  return document.toString();
}

export function manifestScopes(text: string): string[] {
  return manifest.parse(parse(text)).oauth_config.scopes.bot;
}

/** Opens Slack's page for a new app with the manifest filled in (Slack docs, "Sharing manifests"). */
export function slackCreationLink(text: string): string {
  return `https://api.slack.com/apps?${new URLSearchParams({ new_app: '1', manifest_json: JSON.stringify(parse(text)) })}`;
}
