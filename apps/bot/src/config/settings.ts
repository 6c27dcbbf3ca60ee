import { type BotConfig, botConfig } from './bot-config.js';
import { type Environment, parseEnvironment } from './environment.js';

/** Injection token of the `BotConfig`. Its parts are read at each use: each is another once the file was read again. */
export const BOT_CONFIG = Symbol('BotConfig');

/** Injection token of the `Environment`. */
export const ENVIRONMENT = Symbol('Environment');

/** What the bot was told: the file and the environment. */
export class Settings {
  constructor(
    readonly environment: Environment,
    readonly config: BotConfig,
  ) {}

  /** Takes over the parts of a newly read file. */
  replace(config: BotConfig): void {
    Object.assign(this.config, config);
  }

  /** Settings with every default but what is given. */
  static parse(
    variables: NodeJS.ProcessEnv = {},
    config: Parameters<typeof botConfig.parse>[0] = {},
  ): Settings {
    return new Settings(parseEnvironment(variables), botConfig.parse(config));
  }
}
