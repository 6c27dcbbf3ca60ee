import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { freePort } from './free-port.js';

export interface BotProcess {
  /** Of the web page. */
  readonly address: string;
  /** Its bot.config.yaml, which may be changed while it runs. */
  readonly configFile: string;
  /** What it has said in the console. */
  readonly console: readonly string[];
  /** Ends the process and waits until it is gone. */
  stop(): Promise<void>;
}

/** `npm start`'s bot, as its own process, from when its page can be opened. `config` is its bot.config.yaml. */
export async function startBotProcess(variables: NodeJS.ProcessEnv, config = ''): Promise<BotProcess> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'minigpt4-bot-'));
  const configFile = join(folder, 'bot.config.yaml');
  writeFileSync(configFile, config);
  const child = spawn(process.execPath, ['dist/apps/bot/src/main.js'], {
    env: {
      ...process.env,
      DISCORD_TOKEN: '',
      SLACK_BOT_TOKEN: '',
      SLACK_APP_TOKEN: '',
      SLACK_SIGNING_SECRET: '',
      BOT_CONFIG: configFile,
      WEB_PORT: String(port),
      NO_COLOR: '1',
      ...variables,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const output = createInterface(child.stdout);
  await new Promise<void>((resolve, reject) => {
    output.on('line', (line) => {
      lines.push(line);
      if (line.includes('Web page: open')) resolve();
    });
    child.once('exit', (code) =>
      reject(new Error(`The bot ended with code ${code} before its page was served.`)),
    );
  });
  return {
    address: `http://localhost:${port}`,
    configFile,
    console: lines,
    stop: async () => {
      rmSync(folder, { recursive: true });
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
