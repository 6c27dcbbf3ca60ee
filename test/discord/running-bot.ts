import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoggerService } from '@nestjs/common';
import { stringify } from 'yaml';

import { Settings } from '../../apps/bot/src/config/settings.js';
import { startBot } from '../../apps/bot/src/start-bot.js';

type Variables = Readonly<Record<string, string>>;
type Config = Parameters<typeof Settings.of>[1];

export interface RunningBot {
  /** Ends the bot as an operator would; a process is killed without a chance to tidy up. */
  end(): Promise<void>;
}

export async function runInThisProcess(
  variables: Variables,
  config: Config,
  logger: LoggerService | false,
): Promise<RunningBot> {
  const app = await startBot(Settings.of(variables, config), logger);
  return { end: () => app.close() };
}

/** `npm start`'s bot, as its own process. */
export async function runAsProcess(variables: Variables, config: Config): Promise<RunningBot> {
  const folder = await mkdtemp(join(tmpdir(), 'discord-bot-'));
  const file = join(folder, 'bot.config.yaml');
  await writeFile(file, stringify(config));
  const child = spawn(process.execPath, ['dist/apps/bot/src/main.js'], {
    env: { ...process.env, ...variables, BOT_CONFIG: file },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return {
    end: async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await rm(folder, { recursive: true });
    },
  };
}
