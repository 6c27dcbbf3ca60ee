import type { LoggerService } from '@nestjs/common';

import {
  type Channel,
  DiscordServer,
  type DiscordServerOptions,
  type Guild,
  type ShownMessage,
  type TestUser,
} from '../../test-servers/discord/index.js';
import { type Config, type RunningBot, runAsProcess, runInThisProcess } from '../support/running-bot.js';

export interface DiscordBotOptions {
  /** Where the model server listens. */
  readonly modelServer: string;
  /** Keys of bot.config.yaml. */
  readonly config?: Config;
  readonly discord?: DiscordServerOptions;
  readonly logger?: LoggerService;
  /** Run the bot as a process of its own, which can be killed. */
  readonly asProcess?: boolean;
}

/** The observed limits with shorter windows, so that tests wait less; stories keep the real ones. */
const briefLimits = {
  'POST /channels/:channel/messages': { limit: 5, windowMs: 500 },
  'PATCH /channels/:channel/messages/:message': { limit: 5, windowMs: 1_000 },
};

/** The real bot, logged in with the real discord.js to a Discord of its own. */
export class DiscordBot {
  private constructor(
    readonly discord: DiscordServer,
    readonly guild: Guild,
    readonly channel: Channel,
    readonly ada: TestUser,
    readonly ben: TestUser,
    private readonly launch: (config: Config) => Promise<RunningBot>,
    private config: Config,
    private running: RunningBot,
  ) {}

  static async start({ modelServer, config = {}, ...options }: DiscordBotOptions): Promise<DiscordBot> {
    const discord = await DiscordServer.start({ rateLimits: briefLimits, ...options.discord });
    const guild = discord.guild('Zoo');
    const channel = discord.textChannel(guild);
    const people = [discord.user('Ada'), discord.user('Ben')] as const;
    const { host } = new URL(discord.origin);
    const variables = {
      MODEL_SERVER_ADDRESS: modelServer,
      DISCORD_TOKEN: discord.token,
      DISCORD_API_URL: discord.apiUrl,
    };
    const launch = (changed: Config) => {
      const whole = withHost(changed, host);
      return options.asProcess
        ? runAsProcess(variables, whole)
        : runInThisProcess(variables, whole, options.logger ?? false);
    };
    const running = await untilListening(discord, () => launch(config));
    return new DiscordBot(discord, guild, channel, ...people, launch, config, running);
  }

  /** Of the bot's metrics. */
  get address(): string {
    return this.running.address;
  }

  memory(): Promise<number> {
    return this.running.memory();
  }

  /** Changes bot.config.yaml while the bot runs. */
  async reconfigure(config: Config): Promise<void> {
    this.config = config;
    await this.running.reconfigure(withHost(config, new URL(this.discord.origin).host));
  }

  /** Ends the bot and starts it again. */
  async restart(): Promise<void> {
    await this.running.end();
    this.running = await untilListening(this.discord, () => this.launch(this.config));
  }

  async close(): Promise<void> {
    await this.running.end();
    await this.discord.close();
  }

  /** The bot's reply to a message as soon as its text is this. */
  async replyShowing(question: { readonly id: string }, text: string): Promise<ShownMessage> {
    return this.discord.until(`the reply shows "${text}"`, () =>
      this.discord
        .transcript(this.channel)
        .find((message) => message.repliesTo === question.id && answerText(message) === text),
    );
  }

  /** The finished answer to a message: the bot's reply to it, once its Stop button is gone. */
  async answerTo(question: { readonly id: string }, channel = this.channel): Promise<ShownMessage> {
    return this.discord.until('the question is answered', () =>
      this.discord
        .transcript(channel)
        .find((message) => message.repliesTo === question.id && isFinished(message)),
    );
  }
}

/** The configuration with what makes the bot fetch pictures from a Discord on loopback. */
function withHost(config: Config, host: string): Config {
  return {
    ...config,
    images: { trustedHosts: [host], ...config.images },
    discord: { imageHosts: [host], ...config.discord },
    limits: { perUser: { questions: 1_000 }, perChannel: { questions: 1_000 }, ...config.limits },
    web: { enabled: false },
  };
}

/** Launches the bot and waits until it has registered its commands, the last thing it does before it listens. */
async function untilListening(
  discord: DiscordServer,
  launch: () => Promise<RunningBot>,
): Promise<RunningBot> {
  const registrations = () =>
    discord.router.requests.filter(({ route }) => /^PUT .*commands$/.test(route)).length;
  const before = registrations();
  const running = await launch();
  try {
    await discord.until('the bot listens', () => registrations() > before);
  } catch (error) {
    await running.end();
    await discord.close();
    throw error;
  }
  return running;
}

/** The bot's own mark in front of what is no part of the answer. */
const ownLine = '\u200b';

/** What the model said, without the bot's remarks. */
export function answerText({ content }: ShownMessage): string {
  return content
    .split('\n')
    .filter((line) => !line.includes(ownLine))
    .join('\n');
}

/** The bot's remarks below an answer. */
export function remarks({ content }: ShownMessage): string[] {
  return content
    .split('\n')
    .filter((line) => line.startsWith(`-# ${ownLine}`))
    .map((line) => line.slice(`-# ${ownLine}`.length));
}

function isFinished(message: ShownMessage): boolean {
  const labels = message.buttons.map(({ label }) => label);
  return message.author === 'Lumen' && !labels.includes('Stop') && !/Looking…$/.test(message.content);
}
