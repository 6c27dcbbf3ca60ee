import { setTimeout as sleep } from 'node:timers/promises';

import type { INestApplication } from '@nestjs/common';
import type { Settings } from './config/settings.js';
import { Chat } from './contract/index.js';

/** Where to click and what is switched off, in plain words. What is on reports itself once it is connected. */
export function startUpReport({ config, environment }: Settings, address: string): string[] {
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
export async function reportModel(app: INestApplication, log: (line: string) => void): Promise<void> {
  const chat = app.get<Chat>(Chat);
  let model = await chat.model();
  if (!model) log('Model: not running yet. The bot answers as soon as it is.');
  while (!model) {
    await sleep(1_000);
    model = await chat.model();
  }
  log(`Model: ${model.name} (${model.quantization}) on ${model.device}. ${model.description}`);
}
