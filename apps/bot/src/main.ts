import 'reflect-metadata';

import { StartUpError, surviveBrokenOutput } from '#libs/start-up';
import { readConfigFile, watchConfigFile } from './config/config-file.js';
import { loadEnvironment } from './config/environment.js';
import { reloadConfig } from './config/reload.js';
import { Settings } from './config/settings.js';
import { OperatorLog } from './operator-log.js';
import { pageAddress, startBot } from './start-bot.js';
import { reportModel, startUpReport } from './start-up-report.js';

async function main(): Promise<void> {
  surviveBrokenOutput();
  const environment = loadEnvironment();
  const settings = new Settings(environment, readConfigFile(environment.BOT_CONFIG));
  const logger = new OperatorLog('minigpt4');
  // What the operator reads first is plain, without time stamps.
  const say = (line: string) => console.log(line);

  const app = await startBot(settings, logger);
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  watchConfigFile(environment.BOT_CONFIG, () => reloadConfig(settings, logger));

  for (const line of startUpReport(settings, pageAddress(app))) say(line);
  await reportModel(app, say);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof StartUpError ? error.message : error);
  process.exit(1);
}
