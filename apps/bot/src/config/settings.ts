import { type BotConfig, botConfig } from './bot-config.js';
import { type Environment, parseEnvironment } from './environment.js';

/** What the bot was told: the file and the environment. Read `config` at each use: it may be reloaded. */
export class Settings {
  constructor(
    readonly environment: Environment,
    private current: BotConfig,
  ) {}

  get config(): BotConfig {
    return this.current;
  }

  /** Takes a newly read file over. */
  replace(config: BotConfig): void {
    this.current = config;
  }

  /** Settings with every default but what is given. */
  static of(variables: NodeJS.ProcessEnv = {}, config: Parameters<typeof botConfig.parse>[0] = {}): Settings {
    return new Settings(parseEnvironment(variables), botConfig.parse(config));
  }
}
