import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';

let npm: ChildProcess | undefined;

afterEach(() => {
  if (npm?.pid !== undefined && npm.exitCode === null && npm.signalCode === null)
    process.kill(-npm.pid, 'SIGKILL');
});

/** Runs a script of package.json as a terminal does, in a process group of its own. */
async function run(
  script: readonly string[],
): Promise<{ output(): string; ended: Promise<unknown[]>; mark: string }> {
  const mark = `npm-start-${process.pid}-${Math.random()}`;
  const child = spawn('npm', script, {
    detached: true,
    env: {
      ...process.env,
      MODEL_PATH: '',
      ...{
        DISCORD_TOKEN: '',
        SLACK_BOT_TOKEN: '',
        SLACK_APP_TOKEN: '',
        SLACK_SIGNING_SECRET: '',
        REDIS_URL: '',
      },
      GRPC_PORT: String(await freePort()),
      HTTP_PORT: String(await freePort()),
      WEB_PORT: String(await freePort()),
      MARK: mark,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  npm = child;
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  return { output: () => text, ended: once(child, 'exit'), mark };
}

/** The processes that have the mark in their environment. */
function processesWith(mark: string): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark);
      } catch {
        return false; // gone by now, or another user's
      }
    });
}

const onLinux = process.platform === 'linux' ? it : it.skip;

describe('npm start', () => {
  onLinux.each([
    ['SIGTERM to npm alone, as a service manager sends it,', (pid: number) => process.kill(pid, 'SIGTERM')],
    ['Ctrl-C, which reaches every process,', (pid: number) => process.kill(-pid, 'SIGINT')],
  ])('ends by %s with success, and leaves no process', async (_, stop) => {
    const { output, ended, mark } = await run(['start']);
    await eventually(() => /Ready after[\s\S]*Model: nano|Model: nano[\s\S]*Ready after/.test(output()));
    expect(processesWith(mark).length).toBeGreaterThan(2);
    stop(npm!.pid!);
    expect(await ended).toEqual([0, null]);
    await eventually(() => processesWith(mark).length === 0);
  });

  onLinux('says what it means that the system ended the model server by SIGBUS', async () => {
    const { output, ended, mark } = await run(['start']);
    await eventually(() => /Ready after/.test(output()));
    const modelServer = processesWith(mark).find((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(
        `node\0--enable-source-maps\0dist/apps/model-server/`,
      ),
    );
    process.kill(Number(modelServer), 'SIGBUS');
    expect(await ended).toEqual([1, null]);
    expect(output()).toContain('a file of the model was cut short');
  });

  onLinux.each([
    ['start:model-server', /Ready after/],
    ['start:bot', /Web page: open/],
  ])(
    'ends the app of "npm run %s" by SIGTERM with success, and leaves no process',
    async (script, isReady) => {
      const { output, ended, mark } = await run(['run', script]);
      await eventually(() => isReady.test(output()));
      process.kill(npm!.pid!, 'SIGTERM');
      expect(await ended).toEqual([0, null]);
      await eventually(() => processesWith(mark).length === 0);
    },
  );
});
