import {
  AccountError,
  type DiscordAccount,
  discordInstallLink,
  discordRemarks,
  examineDiscord,
  examineSlack,
  manifestScopes,
  readSlackManifest,
  type SlackAccount,
  slackCreationLink,
  slackRemarks,
} from '#libs/chat-accounts';

import type { Dialogue } from './dialogue.js';
import { hasBotConfig, writeBotConfig, writeEnvFile } from './write-settings.js';

export interface SetupOptions {
  /** Where `.env` and `bot.config.yaml` are written. */
  readonly folder: string;
  /** Other addresses of the platforms, for tests. */
  readonly discordApi?: string | undefined;
  readonly slackApi?: string | undefined;
}

/** What was learned and is written at the end. */
interface Findings {
  readonly variables: Record<string, string>;
  /** Names by ids, for the list of servers that may ask. */
  readonly servers: Map<string, string>;
}

/**
 * Leads through the set-up of Discord and Slack: says what to click, checks each token with the platform as soon as it
 * is typed, and writes `.env` and, where the bot is to answer in some servers only, `bot.config.yaml`.
 */
export async function setUp(dialogue: Dialogue, options: SetupOptions): Promise<void> {
  dialogue.open('minigpt4-chat');
  const platforms = await dialogue.chooseSome('Where should the bot answer, beside its web page?', {
    discord: 'Discord',
    slack: 'Slack',
  });
  if (platforms.length === 0) {
    dialogue.close('The web page needs no set-up: npm start');
    return;
  }
  const findings: Findings = { variables: {}, servers: new Map() };
  if (platforms.includes('discord')) await setUpDiscord(dialogue, options, findings);
  if (platforms.includes('slack')) await setUpSlack(dialogue, options, findings);
  const { folder } = options;
  const isConfigured = hasBotConfig(folder);
  const allowed = isConfigured ? undefined : await askWhoMay(dialogue, findings.servers);
  // All is asked: until here, who leaves has changed nothing.
  dialogue.say(await writeEnvFile(folder, findings.variables));
  if (isConfigured) dialogue.say('bot.config.yaml stays as it is.');
  if (allowed) dialogue.say(await writeBotConfig(folder, allowed, findings.servers));
  dialogue.close('Ready: npm start');
}

async function setUpDiscord(
  dialogue: Dialogue,
  { discordApi }: SetupOptions,
  { variables, servers }: Findings,
): Promise<void> {
  dialogue.explain('Discord', [
    '1. Open https://discord.com/developers/applications and press "New Application".',
    '2. On its page "Bot", press "Reset Token". Discord may ask for your password or a two-factor code.',
    '3. Copy the token: it is shown once.',
  ]);
  let account = await untilAccepted(dialogue, async () => {
    variables.DISCORD_TOKEN = await dialogue.askSecret('The token', required);
    return examineDiscord(variables.DISCORD_TOKEN, discordApi);
  });
  dialogue.say(`Discord knows it as ${account.name}.`);
  if (account.servers.length === 0) {
    dialogue.say(`Add it to your server: ${discordInstallLink(account.id)}`);
    await dialogue.waitForReturn('Is it added?');
    account = await examineDiscord(variables.DISCORD_TOKEN!, discordApi);
  }
  describeDiscord(dialogue, account);
  for (const { id, name } of account.servers) servers.set(id, name);
}

function describeDiscord(dialogue: Dialogue, account: DiscordAccount): void {
  if (account.servers.length > 0)
    dialogue.say(`It is in ${account.servers.map(({ name }) => name).join(', ')}.`);
  for (const remark of discordRemarks(account, { needsMessageContent: false })) dialogue.warn(remark);
}

async function setUpSlack(
  dialogue: Dialogue,
  { slackApi }: SetupOptions,
  { variables, servers }: Findings,
): Promise<void> {
  const kind = await dialogue.chooseOne('How should Slack reach the bot?', {
    socket: 'Socket Mode: the bot calls Slack, no public address is needed',
    http: 'HTTP: Slack calls the bot at a public https address',
  });
  const manifest = readSlackManifest(
    kind === 'socket' ? { kind } : { kind, address: await dialogue.ask('Its public address', isHttps) },
  );
  dialogue.explain('Slack', [
    '1. Open the link below, choose your workspace, and press "Create".',
    '2. Under "Install App", press "Install", and copy the Bot User OAuth Token (xoxb-…).',
    kind === 'socket'
      ? '3. Under "Basic Information → App-Level Tokens", create one with the scope connections:write (xapp-…).'
      : '3. Under "Basic Information → App Credentials", copy the Signing Secret.',
  ]);
  dialogue.say(slackCreationLink(manifest));
  if (kind === 'http') {
    dialogue.say(
      'Slack checks the address as soon as the app is created, so it shows an error until the bot runs: start it, then ' +
        'press "Retry" under "Event Subscriptions". TLS and the public address are a reverse proxy’s (docs/deploying.md).',
    );
    variables.SLACK_SIGNING_SECRET = await dialogue.askSecret('The signing secret', isSigningSecret);
    variables.SLACK_APP_TOKEN = '';
  }
  const account = await untilAccepted(dialogue, async () => {
    variables.SLACK_BOT_TOKEN = await dialogue.askSecret('The bot token (xoxb-…)', beginsWith('xoxb-'));
    if (kind === 'socket') {
      variables.SLACK_APP_TOKEN = await dialogue.askSecret('The app token (xapp-…)', beginsWith('xapp-'));
      variables.SLACK_SIGNING_SECRET = '';
    }
    return examineSlack(variables.SLACK_BOT_TOKEN, variables.SLACK_APP_TOKEN || undefined, slackApi);
  });
  describeSlack(dialogue, account, manifest);
  servers.set(account.workspaceId, account.workspace);
}

function describeSlack(dialogue: Dialogue, account: SlackAccount, manifest: string): void {
  dialogue.say(`Slack knows it as @${account.name} in ${account.workspace}. /invite it to a channel.`);
  for (const remark of slackRemarks(account, manifestScopes(manifest))) dialogue.warn(remark);
}

/** Repeats what asks for a token until the platform takes it. */
async function untilAccepted<T>(dialogue: Dialogue, attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof AccountError)) throw error;
      dialogue.warn(error.message);
    }
  }
}

const required = (answer: string) => (answer === '' ? 'Paste the token, or leave with Ctrl-C.' : undefined);

const beginsWith = (prefix: string) => (answer: string) =>
  answer.startsWith(prefix) ? undefined : `It begins with ${prefix}`;

const isSigningSecret = (answer: string) =>
  /^[0-9a-f]{32}$/.test(answer) ? undefined : 'It has 32 characters, 0 to 9 and a to f.';

const isHttps = (answer: string) =>
  URL.canParse(answer) && new URL(answer).protocol === 'https:'
    ? undefined
    : 'It has to begin with https://, as in https://bot.example.com';

/** Undefined: everybody may. */
async function askWhoMay(
  dialogue: Dialogue,
  servers: ReadonlyMap<string, string>,
): Promise<readonly string[] | undefined> {
  const who = await dialogue.chooseOne('Who may ask?', {
    everybody: 'Everybody, wherever the bot is added and on its web page',
    these: 'Only people in servers and workspaces that I choose, and the web page',
  });
  if (who === 'everybody') return undefined;
  return dialogue.chooseSome('Which?', Object.fromEntries(servers), [...servers.keys()]);
}
