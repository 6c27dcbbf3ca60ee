import { fileURLToPath } from 'node:url';
import type { LoggerService } from '@nestjs/common';
import {
  type Conversation,
  type Human,
  SlackServer,
  type Workspace,
} from '../../test-servers/slack/index.js';
import { freePort } from '../support/free-port.js';
import { type Config, runAsProcess, runInThisProcess } from '../support/running-bot.js';

export const manifestPath = fileURLToPath(new URL('../../apps/bot/slack-manifest.yaml', import.meta.url));

export type SlackMode = 'http' | 'socket';

export interface SlackBotOptions {
  readonly mode?: SlackMode;
  /** Where the model server listens. */
  readonly modelServer: string;
  /** Keys of bot.config.yaml. */
  readonly config?: Config;
  readonly logger?: LoggerService;
  /** Run the bot as a process of its own, which can be killed. */
  readonly asProcess?: boolean;
}

/** A workspace with the real bot in it, over real Bolt and loopback. */
export interface SlackBotInWorkspace {
  readonly slack: SlackServer;
  readonly workspace: Workspace;
  readonly ada: Human;
  readonly ben: Human;
  /** A public channel with Ada, Ben and the bot. */
  readonly channel: Conversation;
  /** Of the bot's metrics. */
  address(): string;
  /** What a bot in a process of its own told its operator. */
  console(): readonly string[];
  memory(): Promise<number>;
  /** Changes bot.config.yaml while the bot runs. */
  reconfigure(config: Config): Promise<void>;
  /** Ends the bot and starts it again. */
  restartBot(): Promise<void>;
  close(): Promise<void>;
}

export async function startSlackBot(options: SlackBotOptions): Promise<SlackBotInWorkspace> {
  const slack = await SlackServer.start(manifestPath);
  const { workspace } = slack;
  const ada = workspace.user('Ada');
  const ben = workspace.user('Ben');
  const mode = options.mode ?? 'socket';
  const variables = {
    MODEL_SERVER_ADDRESS: options.modelServer,
    ...slackEnvironment(slack, mode, await freePort()),
  };
  const start = async () => {
    const config = withHost(options.config ?? {}, new URL(slack.url).host);
    if (!options.asProcess) return runInThisProcess(variables, config, options.logger ?? false);
    const bot = await runAsProcess(variables, config);
    await workspace.until('the bot to connect', () => slack.sockets.connections === 1);
    return bot;
  };
  let bot = await start();
  return {
    slack,
    workspace,
    ada,
    ben,
    channel: workspace.channel('pictures', [ada, ben]),
    address: () => bot.address,
    console: () => bot.console,
    memory: () => bot.memory(),
    reconfigure: (config) => bot.reconfigure(withHost(config, new URL(slack.url).host)),
    restartBot: async () => {
      await bot.end();
      await workspace.until('the connection to end', () => slack.sockets.connections === 0);
      bot = await start();
    },
    close: async () => {
      await bot.end();
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

/** The configuration with what makes the bot fetch pictures from a Slack on loopback. */
function withHost(config: Config, host: string): Config {
  return {
    ...config,
    images: { trustedHosts: [host], ...config.images },
    slack: { fileHosts: [host], ...config.slack },
    limits: { perUser: { questions: 1_000 }, perChannel: { questions: 1_000 }, ...config.limits },
    web: { enabled: false },
  };
}
