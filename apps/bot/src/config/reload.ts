import type { LoggerService } from '@nestjs/common';
import { hasCode } from '#libs/errors';
import type { BotConfig } from './bot-config.js';
import { configFileOf, readConfigIfThere } from './config-file.js';
import type { Settings } from './settings.js';

/** The parts of the file that are read once, when connections are made and commands registered. */
const fixedParts = ['web', 'discord', 'slack'] as const satisfies readonly (keyof BotConfig)[];

/**
 * Takes over a changed `bot.config.yaml`. A file that is not right, or that was deleted or renamed, is reported and
 * changes nothing: the last good one stays in force.
 */
export function reloadConfig(settings: Settings, logger: LoggerService): void {
  const { path } = configFileOf(settings.environment);
  try {
    const config = readConfigIfThere(path);
    if (!config) {
      logger.error(`${path} is gone. The earlier settings stay in force.`, 'Bot');
      return;
    }
    const waiting = fixedParts.filter(
      (part) => JSON.stringify(config[part]) !== JSON.stringify(settings.config[part]),
    );
    settings.replace(config);
    logger.log(`${path} was read again.`, 'Bot');
    if (waiting.length > 0)
      logger.warn(`Changes of ${waiting.join(', ')} take effect after a restart.`, 'Bot');
  } catch (error) {
    if (!hasCode(error, 'start-up')) throw error;
    logger.error(`${error.message}\nThe earlier settings stay in force.`, 'Bot');
  }
}
