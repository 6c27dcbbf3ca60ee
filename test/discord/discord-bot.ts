import { readFileSync } from 'node:fs';
import type { NestExpressApplication } from '@nestjs/platform-express';

import { Settings } from '../../apps/bot/src/config/settings.js';
import { startBot } from '../../apps/bot/src/start-bot.js';
import {
  type Channel,
  DiscordServer,
  type DiscordServerOptions,
  type Guild,
  type ShownMessage,
  type TestUser,
  type Upload,
} from '../discord-server/index.js';

const pictures = new URL('../fixtures/emoji-scenes/validation/seen-drawings/', import.meta.url);

/** A drawing that the embedded model knows: 0000 is a bat, 0001 an oyster. */
export function drawing(number: string, filename = `${number}.png`): Upload {
  return { filename, bytes: readFileSync(new URL(`${number}.png`, pictures)) };
}

export interface DiscordBotOptions {
  /** Where the model server listens. */
  readonly modelServer: string;
  /** Keys of bot.config.yaml. */
  readonly config?: Readonly<Record<string, Record<string, unknown>>>;
  readonly discord?: DiscordServerOptions;
}

/** The real bot, logged in with the real discord.js to a Discord of its own. */
export class DiscordBot {
  private constructor(
    readonly discord: DiscordServer,
    readonly guild: Guild,
    readonly channel: Channel,
    readonly ada: TestUser,
    readonly ben: TestUser,
    private readonly settings: Settings,
    private app: NestExpressApplication,
  ) {}

  static async start({ modelServer, config = {}, ...options }: DiscordBotOptions): Promise<DiscordBot> {
    const discord = await DiscordServer.start(options.discord);
    const guild = discord.guild('Zoo');
    const channel = discord.textChannel(guild);
    const { host } = new URL(discord.origin);
    const settings = Settings.of(
      {
        MODEL_SERVER_ADDRESS: modelServer,
        DISCORD_TOKEN: discord.token,
        DISCORD_API_URL: discord.apiUrl,
        WEB_PORT: '0',
      },
      {
        ...config,
        images: { trustedHosts: [host], ...config.images },
        discord: { imageHosts: [host], ...config.discord },
        web: { enabled: false },
      },
    );
    const people = [discord.user('Ada'), discord.user('Ben')] as const;
    const app = await startBot(settings, false);
    const bot = new DiscordBot(discord, guild, channel, ...people, settings, app);
    await bot.untilListening();
    return bot;
  }

  /** Ends the bot as an operator would, and starts it again. */
  async restart(): Promise<void> {
    await this.app.close();
    this.app = await startBot(this.settings, false);
    await this.untilListening();
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.discord.close();
  }

  /** The finished answer to a message: the bot's reply to it, once its Stop button is gone. */
  async answerTo(question: { readonly id: string }, channel = this.channel): Promise<ShownMessage> {
    return this.discord.until('the question is answered', () =>
      this.discord
        .transcript(channel)
        .find((message) => message.repliesTo === question.id && isFinished(message)),
    );
  }

  private async untilListening(): Promise<void> {
    await this.discord.until(
      'the bot listens and has registered its commands',
      () => this.discord.state.globalCommands.length > 0 || this.discord.state.guildCommands.size > 0,
    );
  }
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

export function isFinished(message: ShownMessage): boolean {
  const labels = message.buttons.map(({ label }) => label);
  return message.author === 'Lumen' && !labels.includes('Stop') && !/Looking…$/.test(message.content);
}
