import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { LoggerService } from '@nestjs/common';
import { stringify } from 'yaml';
import type { z } from 'zod';

import type { botConfig } from '../../apps/bot/src/config/bot-config.js';
import { reloadConfig } from '../../apps/bot/src/config/reload.js';
import { Settings } from '../../apps/bot/src/config/settings.js';
import { findPageAddress, startBot } from '../../apps/bot/src/start-bot.js';
import { freePort } from './free-port.js';
import { memoryOf } from './memory-of.js';

type Variables = Readonly<Record<string, string>>;
/** What stands in bot.config.yaml. */
export type Config = z.input<typeof botConfig>;

export interface RunningBot {
  /** Of its page and its metrics. */
  readonly address: string;
  /** What it told its operator so far; bots in this process share one log, which is not kept. */
  readonly console: readonly string[];
  /** Bytes in use after a garbage collection, of a bot in a process of its own. */
  memory(): Promise<number>;
  /** Writes another bot.config.yaml while the bot runs. */
  reconfigure(config: Config): Promise<void>;
  /** Ends the bot as an operator would; a process is killed without a chance to tidy up. */
  end(): Promise<void>;
}

export async function runInThisProcess(
  variables: Variables,
  config: Config,
  logger: LoggerService | false,
): Promise<RunningBot> {
  const { file, write, remove } = await configFile(config);
  const settings = Settings.parse({ WEB_PORT: '0', ...variables, BOT_CONFIG: file }, config);
  const app = await startBot(settings, logger);
  return {
    address: findPageAddress(app),
    console: [],
    memory: () => Promise.reject(new Error('A bot in this process has no memory of its own.')),
    reconfigure: async (changed) => {
      await write(changed);
      reloadConfig(settings, logger || silence);
    },
    end: async () => {
      await app.close();
      await remove();
    },
  };
}

/** `npm start`'s bot, as its own process. */
export async function runAsProcess(variables: Variables, config: Config): Promise<RunningBot> {
  const { file, write, remove } = await configFile(config);
  const port = await freePort();
  const child = spawn(process.execPath, ['--inspect=127.0.0.1:0', 'dist/apps/bot/src/main.js'], {
    env: { ...process.env, WEB_PORT: String(port), ...variables, BOT_CONFIG: file },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const console: string[] = [];
  for (const output of [child.stdout, child.stderr]) {
    createInterface(output).on('line', (line) => console.push(line));
  }
  return {
    address: `http://127.0.0.1:${port}`,
    console,
    memory: async () => memoryOf(console),
    reconfigure: write,
    end: async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await remove();
    },
  };
}

async function configFile(config: Config) {
  const folder = await mkdtemp(join(tmpdir(), 'bot-'));
  const file = join(folder, 'bot.config.yaml');
  const write = (changed: Config) => writeFile(file, stringify(changed));
  await write(config);
  return { file, write, remove: () => rm(folder, { recursive: true, force: true }) };
}

const silence = { log: () => {}, warn: () => {}, error: () => {} };
