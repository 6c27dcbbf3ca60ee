import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createModelClient, imageFromBytes } from '#libs/client';

import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { canTrace, QuietProcess } from './quiet-process.js';

const picture = 'test/fixtures/emoji-scenes/validation/seen-drawings/0002.png';
const folder = mkdtempSync(join(tmpdir(), 'quiet-'));
const started: Record<string, QuietProcess> = {};

function start(name: string, args: readonly string[], variables?: NodeJS.ProcessEnv): QuietProcess {
  started[name] = new QuietProcess(mkdtempSync(join(folder, `${name}-`)), args, variables);
  return started[name];
}

/** The model server and the bot as `npm start` runs them, and a question on the command line, from start to end. */
beforeAll(async () => {
  const [grpcPort, httpPort, webPort] = [await freePort(), await freePort(), await freePort()];
  const address = `127.0.0.1:${grpcPort}`;
  const nowhere = { DISCORD_TOKEN: '', SLACK_BOT_TOKEN: '', REDIS_URL: '', MODEL_PATH: '', BOT_CONFIG: '' };

  const server = start('model-server', ['dist/apps/model-server/src/main.js'], {
    ...nowhere,
    GRPC_PORT: String(grpcPort),
    HTTP_PORT: String(httpPort),
  });
  const bot = start('bot', ['dist/apps/bot/src/main.js'], {
    ...nowhere,
    MODEL_SERVER_ADDRESS: address,
    WEB_PORT: String(webPort),
  });
  const client = createModelClient({ address });
  await client.waitUntilReady();
  const image = imageFromBytes(await readFile(picture));
  await client.generateOnce({
    segments: [
      { kind: 'text', text: '###Human: <Img>' },
      { kind: 'image', image },
      { kind: 'text', text: '</Img> What is this?###Assistant: ' },
    ],
    maxNewTokens: 8,
  });
  client.close();
  await eventually(() => bot.output.includes('Model: nano'));
  await fetch(`http://127.0.0.1:${webPort}/api/model`);
  await bot.stop();
  await server.stop();

  const cli = [
    'dist/apps/cli/src/main.js',
    'ask',
    '--model',
    'models/nano',
    '--image',
    picture,
    'What is this?',
  ];
  await start('cli', cli).ended();
});

afterAll(async () => {
  await Promise.all(Object.values(started).map((process) => process.stop()));
  rmSync(folder, { recursive: true });
});

describe.each(['model-server', 'bot', 'cli'])('%s', (name) => {
  it('leaves nothing in the home and the temporary folder', () => {
    expect(started[name]!.filesLeft()).toEqual([]);
  });

  (canTrace ? it : it.skip)('looks up no name and reaches for no other machine (needs strace)', () => {
    expect(started[name]!.callsToOthers()).toEqual([]);
  });
});

(canTrace ? it : it.skip)(
  'a look-up and a connection to elsewhere would have been seen (needs strace)',
  async () => {
    const script = `
    require('node:dns').lookup('name.invalid', () => {});
    require('node:net').connect(9, '192.0.2.1').on('error', () => {}).setTimeout(100, function () { this.destroy(); });
    require('node:fs').writeFileSync(require('node:os').homedir() + '/a', '');`;
    const probe = start('probe', ['-e', script]);
    await probe.ended();
    expect(probe.filesLeft()).toEqual(['home/a']);
    const calls = probe.callsToOthers().join('\n');
    expect(calls).toContain('htons(53)');
    expect(calls).toContain('192.0.2.1');
  },
);
