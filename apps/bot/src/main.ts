import { hasCode } from '#libs/errors';
import 'reflect-metadata';

import { surviveBrokenOutput } from '#libs/start-up';
import { configFileOf, readConfigFile, watchConfigFile } from './config/config-file.js';
import { loadEnvironment } from './config/environment.js';
import { reloadConfig } from './config/reload.js';
import { Settings } from './config/settings.js';
import { OperatorLog } from './operator-log.js';
import { pageAddress, startBot } from './start-bot.js';
import { reportModel, startUpReport } from './start-up-report.js';

async function main(): Promise<void> {
  surviveBrokenOutput();
  const environment = loadEnvironment();
  const settings = new Settings(environment, readConfigFile(environment));
  const logger = new OperatorLog('minigpt4', environment.LOG_FORMAT);
  const say = (line: string) => logger.say(line);

  const app = await startBot(settings, logger);
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  watchConfigFile(configFileOf(environment).path, () => reloadConfig(settings, logger));

  for (const line of startUpReport(settings, pageAddress(app))) say(line);
  await reportModel(app, say);
}

try {
  await main();
} catch (error) {
  console.error(hasCode(error, 'start-up') ? error.message : error);
  process.exit(1);
}
