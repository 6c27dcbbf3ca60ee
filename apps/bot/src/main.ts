import 'reflect-metadata';

import { setTimeout as sleep } from 'node:timers/promises';

import type { INestApplication } from '@nestjs/common';
import { hasCode } from '#libs/errors';
import { surviveBrokenOutput } from '#libs/start-up';
import { configFileOf, readConfigFile, watchConfigFile } from './config/config-file.js';
import { loadEnvironment } from './config/environment.js';
import { reloadConfig } from './config/reload.js';
import { Settings } from './config/settings.js';
import { Chat } from './contract/index.js';
import { OperatorLog } from './operator-log.js';
import { findPageAddress, startBot } from './start-bot.js';

async function main(): Promise<void> {
  surviveBrokenOutput();
  const environment = loadEnvironment();
  const settings = new Settings(environment, readConfigFile(environment));
  const logger = new OperatorLog('minigpt4', environment.LOG_FORMAT);
  const say = (line: string) => logger.say(line);

  const app = await startBot(settings, logger);
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  watchConfigFile(configFileOf(environment).path, () => reloadConfig(settings, logger));

  for (const line of reportStartUp(settings, findPageAddress(app))) say(line);
  await reportModel(app, say);
}

/** Says where to click and what is switched off. Adapters that are on report themselves once they are connected. */
function reportStartUp({ config, environment }: Settings, address: string): string[] {
  return [
    config.web.enabled ? `Web page: open ${address}` : 'Web page: off (web.enabled in bot.config.yaml).',
    ...(environment.DISCORD_TOKEN === undefined
      ? ['Discord: off, as no token is set. Set DISCORD_TOKEN in .env to answer there (README, "Discord").']
      : []),
    ...(environment.SLACK_BOT_TOKEN === undefined
      ? [
          'Slack: off, as no tokens are set. Set SLACK_BOT_TOKEN and SLACK_APP_TOKEN in .env to answer there ' +
            '(README, "Slack").',
        ]
      : []),
  ];
}

/** Says which model answers as soon as there is one; it may start after the bot, or much later. */
async function reportModel(app: INestApplication, log: (line: string) => void): Promise<void> {
  const chat = app.get<Chat>(Chat);
  let model = await chat.describeModel();
  if (!model) log('Model: not running yet. The bot answers as soon as it is.');
  while (!model) {
    await sleep(1_000);
    model = await chat.describeModel();
  }
  log(`Model: ${model.name} (${model.quantization}) on ${model.device}. ${model.description}`);
}

try {
  await main();
} catch (error) {
  console.error(hasCode(error, 'start-up') ? error.message : error);
  process.exit(1);
}
