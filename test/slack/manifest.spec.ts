import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { messageShortcuts, slashCommands } from '../../apps/bot/src/slack/connection/events.js';
import { readAppManifest } from '../../test-servers/slack/app-manifest.js';
import { scopesByMethod } from '../../test-servers/slack/index.js';
import { manifestPath } from './slack-bot.js';

/** The manifest has to ask for what the code does, and for nothing else: people read it before they install. */
const manifest = readAppManifest(manifestPath);
const adapter = fileURLToPath(new URL('../../apps/bot/src/slack/', import.meta.url));
const code = readdirSync(adapter, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
  .map((file) => readFileSync(adapter + file, 'utf8'))
  .join('\n');

const calledMethods = Object.keys(scopesByMethod).filter(
  (method) => code.includes(`client.${method}(`) || code.includes(`'${method}'`),
);
const granted = manifest.oauth_config.scopes.bot;

/** Scopes that stand for what Slack sends, not for calls. */
const scopesOfEvents: Record<string, string> = {
  app_mention: 'app_mentions:read',
  'message.channels': 'channels:history',
  'message.groups': 'groups:history',
  'message.im': 'im:history',
  'message.mpim': 'mpim:history',
};

it('knows the calls that the adapter makes', () => {
  expect(calledMethods).toEqual(
    expect.arrayContaining([
      'auth.test',
      'chat.postMessage',
      'chat.update',
      'conversations.replies',
      'users.info',
    ]),
  );
});

it.each(calledMethods)('asks for a scope that %s takes', (method) => {
  const scopes = scopesByMethod[method] ?? [];
  if (scopes.length > 0)
    expect(granted).toEqual(expect.arrayContaining([expect.stringMatching(anyOf(scopes))]));
});

it('asks for the scope of every event it subscribes to', () => {
  const events = manifest.settings.event_subscriptions.bot_events;
  expect(granted).toEqual(expect.arrayContaining(events.flatMap((event) => scopesOfEvents[event] ?? [])));
});

it('asks for no scope that nothing needs', () => {
  const needed = new Set([
    ...calledMethods.flatMap((method) => scopesByMethod[method] ?? []),
    ...Object.values(scopesOfEvents),
    'commands',
    'files:read',
  ]);
  expect(granted.filter((scope) => !needed.has(scope))).toEqual([]);
});

it('names the commands and shortcuts that the adapter answers, and no others', () => {
  const { slash_commands: commands, shortcuts } = manifest.features;
  expect(commands.map(({ command }) => command)).toEqual(Object.keys(slashCommands));
  expect(shortcuts.map(({ callback_id: id }) => id)).toEqual(Object.keys(messageShortcuts));
});

it('subscribes to the events that the adapter hears, and to no others', () => {
  const events = manifest.settings.event_subscriptions.bot_events.map((event) => event.split('.')[0]);
  expect(new Set(events)).toEqual(new Set(literals(/app\.event\('([^']+)'/g)));
});

function literals(pattern: RegExp): string[] {
  return [...code.matchAll(pattern)].map(([, literal = '']) => literal);
}

function anyOf(scopes: readonly string[]): RegExp {
  return new RegExp(`^(?:${scopes.join('|')})$`);
}
