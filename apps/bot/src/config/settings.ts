import type { BotConfig } from './bot-config.js';
import type { Environment } from './environment.js';

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
}
