import { fileURLToPath } from 'node:url';
import type { LoggerService } from '@nestjs/common';
import { Settings } from '../../apps/bot/src/config/settings.js';
import { startBot } from '../../apps/bot/src/start-bot.js';
import { type Conversation, type Human, SlackServer, type Workspace } from '../slack-server/index.js';
import { freePort } from '../support/free-port.js';

export const manifestPath = fileURLToPath(new URL('../../apps/bot/slack-manifest.yaml', import.meta.url));

export type SlackMode = 'http' | 'socket';

export interface SlackBotOptions {
  readonly mode?: SlackMode;
  /** Where the model server listens. */
  readonly modelServer: string;
  /** Keys of bot.config.yaml. */
  readonly config?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly logger?: LoggerService;
}

/** A workspace with the real bot in it, over real Bolt and loopback. */
export interface SlackBotInWorkspace {
  readonly slack: SlackServer;
  readonly workspace: Workspace;
  readonly ada: Human;
  readonly ben: Human;
  /** A public channel with Ada, Ben and the bot. */
  readonly channel: Conversation;
  /** Ends the bot as an operator would, and starts it again. */
  restartBot(): Promise<void>;
  close(): Promise<void>;
}

export async function startSlackBot(options: SlackBotOptions): Promise<SlackBotInWorkspace> {
  const slack = await SlackServer.start(manifestPath);
  const { workspace } = slack;
  const ada = workspace.user('Ada');
  const ben = workspace.user('Ben');
  const settings = await settingsFor(slack, options);
  let bot = await startBot(settings, options.logger ?? false);
  return {
    slack,
    workspace,
    ada,
    ben,
    channel: workspace.channel('pictures', [ada, ben]),
    restartBot: async () => {
      await bot.close();
      bot = await startBot(settings, options.logger ?? false);
    },
    close: async () => {
      await bot.close();
      await slack.close();
    },
  };
}

/** The variables that make the bot talk to this workspace. */
export function slackEnvironment(slack: SlackServer, mode: SlackMode, port: number): Record<string, string> {
  const common = { SLACK_BOT_TOKEN: slack.botToken, SLACK_API_URL: slack.apiUrl };
  if (mode === 'socket') return { ...common, SLACK_APP_TOKEN: slack.appToken };
  slack.deliverTo(`http://127.0.0.1:${port}/slack/events`);
  return { ...common, SLACK_SIGNING_SECRET: slack.signingSecret, SLACK_PORT: String(port) };
}

async function settingsFor(slack: SlackServer, options: SlackBotOptions): Promise<Settings> {
  const { host } = new URL(slack.url);
  const variables = {
    MODEL_SERVER_ADDRESS: options.modelServer,
    WEB_PORT: '0',
    ...slackEnvironment(slack, options.mode ?? 'socket', await freePort()),
  };
  const { images, slack: slackKeys, limits, ...config } = options.config ?? {};
  return Settings.of(variables, {
    ...config,
    images: { trustedHosts: [host], ...images },
    slack: { fileHosts: [host], ...slackKeys },
    limits: { perUser: { questions: 1_000 }, perChannel: { questions: 1_000 }, ...limits },
    web: { enabled: false },
  });
}
