import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';

import sharp from 'sharp';

import { type BotProcess, startBotProcess } from '../support/bot-process.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { type ModelServerProcess, startModelServer } from '../support/model-server-process.js';
import { PageClient, type PageMessage } from './page-client.js';

const bat = readFileSync(
  new URL('../fixtures/emoji-scenes/validation/seen-drawings/0000.png', import.meta.url),
);
const oyster = readFileSync(
  new URL('../fixtures/emoji-scenes/validation/seen-drawings/0001.png', import.meta.url),
);

const asked = (text: string, ...images: PageMessage['images']): PageMessage => ({
  author: 'user',
  text,
  images,
});

describe('the bot, as npm start runs it', () => {
  let port: number;
  let bot: BotProcess;
  let page: PageClient;
  let modelServer: ModelServerProcess | undefined;

  const saidSomewhere = (part: string) => bot.console.some((line) => line.includes(part));

  beforeAll(async () => {
    port = await freePort();
    bot = await startBotProcess(
      { MODEL_SERVER_ADDRESS: `127.0.0.1:${port}` },
      'limits: { perUser: { questions: 1000 } }',
    );
    page = new PageClient(bot.address);
  });

  afterAll(async () => {
    await bot?.stop();
    await modelServer?.stop();
  });

  describe('while the model server is not there', () => {
    it('says where to click, and what is off and which tokens switch it on', async () => {
      await eventually(() => saidSomewhere('Model: not running yet'));
      expect(saidSomewhere(`Web page: open ${bot.address}`)).toBe(true);
      expect(saidSomewhere('Discord: off, as no token is set. Set DISCORD_TOKEN')).toBe(true);
      expect(saidSomewhere('Slack: off, as no tokens are set. Set SLACK_BOT_TOKEN and SLACK_APP_TOKEN')).toBe(
        true,
      );
    });

    it('serves the page and answers with a plain sentence', async () => {
      expect((await fetch(bot.address)).status).toBe(200);
      expect((await fetch(`${bot.address}/api/model`)).status).toBe(503);
      await expect(page.ask([asked('Hello!')])).resolves.toMatchObject({
        state: 'failed',
        status: 'The model is not running right now. Please try again in a minute.',
        text: '',
      });
    });
  });

  describe('once the model server is there', () => {
    let picture: { digest: string; name: string };

    beforeAll(async () => {
      modelServer = await startModelServer(port);
      const { digest } = await page.upload(bat, 'bat.png');
      picture = { digest, name: 'bat.png' };
    });

    it('says which model answers, where it runs and what it knows', async () => {
      await eventually(() => saidSomewhere('Model: nano (fp32) on cpu.'));
      expect(saidSomewhere('not photographs')).toBe(true);
    });

    it('answers the next try', async () => {
      await expect(page.ask([asked('What is this?', picture)])).resolves.toMatchObject({
        state: 'done',
        text: 'It is a bat.',
        notes: [],
      });
    });

    it('keeps talking about the picture of an earlier question', async () => {
      const first = await page.ask([asked('What is this?', picture)]);
      const second = await page.ask([
        asked('What is this?', picture),
        { author: 'bot', text: first.text, images: [] },
        asked('What is the background color?'),
      ]);
      expect(second.text).toMatch(/white/);
    });

    it('describes a picture that comes without a word', async () => {
      const answer = await page.ask([asked('', picture)]);
      expect(answer.text).toMatch(/^The image shows a bat/);
    });

    it('writes alt text', async () => {
      const answer = await page.ask([asked('', picture)], { wish: 'alt-text' });
      expect(answer.text).toMatch(/bat/i);
      expect(answer.text.length).toBeLessThanOrEqual(1_000);
    });

    it('looks at one picture of several, as nano cannot tell them apart, and names the others', async () => {
      const { digest } = await page.upload(oyster, 'oyster.png');
      const answer = await page.ask([asked('What is this?', picture, { digest, name: 'oyster.png' })]);
      expect(answer).toMatchObject({
        text: 'It is a bat.',
        notes: ['I look at one picture at a time. Not looked at: oyster.png.'],
      });
    });

    it('asks for pictures that it does not have, so that the page sends them again', async () => {
      const unknown = { digest: `sha256:${'0'.repeat(64)}`, name: 'lost.png' };
      const response = await page.post([asked('What is this?', unknown)]);
      expect(response.status).toBe(409);
      await expect(response.json()).resolves.toEqual({ missing: [unknown.digest] });
    });

    it('uses the first frame of an animation, and says so', async () => {
      const frames = await sharp([bat, oyster], { join: { animated: true } })
        .gif()
        .toBuffer();
      const { digest } = await page.upload(frames, 'animation.gif');
      const answer = await page.ask([asked('What is this?', { digest, name: 'animation.gif' })]);
      expect(answer.text).toBe('It is a bat.');
      expect(answer.notes).toEqual(['Only the first frame of the animation was used.']);
    });

    it.each([
      ['text renamed .png', Buffer.from('just text'), /notes\.png: this is not a picture/],
      ['a truncated picture', bat.subarray(0, 900), /notes\.png/],
      ['a picture of 30,000 × 30,000', pngOfSize(30_000), /notes\.png/],
    ])('refuses %s in plain words', async (_what, bytes, sentence) => {
      const { refused } = await page.upload(bytes, 'notes.png');
      expect(refused).toMatch(sentence);
      expect(refused).not.toMatch(/Error|at \w+ \(/);
    });

    it('refuses a request that no page of its would send', async () => {
      const response = await fetch(`${bot.address}/api/answers`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"messages": []}',
      });
      expect(response.status).toBe(400);
    });

    it('counts votes', async () => {
      await fetch(`${bot.address}/api/feedback`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"vote":"up"}',
      });
      await expect(metrics(bot)).resolves.toContain(
        'minigpt4_bot_feedback_total{platform="web",vote="up"} 1',
      );
    });

    it('takes over a changed configuration while it runs', async () => {
      // Put in place at once, as editors do: the bot must not read half of it.
      writeFileSync(`${bot.configFile}.new`, 'limits: { perUser: { questions: 1, seconds: 100 } }');
      renameSync(`${bot.configFile}.new`, bot.configFile);
      await eventually(() => saidSomewhere('was read again'));
      await page.ask([asked('Hello!')]);
      const refused = await page.ask([asked('Hello!')]);
      expect(refused.state).toBe('refused');
      expect(refused.status).toMatch(/^That was a lot of questions\. Please ask again in \d+ s\.$/);
    });
  });
});

it('says in one sentence that its port is taken', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const child = spawn(process.execPath, ['dist/apps/bot/src/main.js'], {
    env: {
      ...process.env,
      WEB_PORT: String(port),
      DISCORD_TOKEN: '',
      SLACK_BOT_TOKEN: '',
      BOT_CONFIG: '',
    },
  });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  other.close();
  expect(code).toBe(1);
  expect(said.trim()).toMatch(
    /^Port \d+ on 127\.0\.0\.1 is taken by another program\. Set WEB_PORT to a free port, for instance .*\.$/,
  );
});

it('goes on where its output cannot be written', async () => {
  const fullDisk = openSync('/dev/full', 'w');
  const port = await freePort();
  const child = spawn(process.execPath, ['dist/apps/bot/src/main.js'], {
    env: {
      ...process.env,
      WEB_PORT: String(port),
      MODEL_SERVER_ADDRESS: `127.0.0.1:${await freePort()}`,
      DISCORD_TOKEN: '',
      SLACK_BOT_TOKEN: '',
      BOT_CONFIG: '',
    },
    stdio: ['ignore', fullDisk, fullDisk],
  });
  const exit = once(child, 'exit');
  const page = new PageClient(`http://127.0.0.1:${port}`);
  // It has written by the time the model server is found to be away.
  await eventually(() =>
    page.ask([asked('Hello!')]).then(
      ({ state }) => state === 'failed',
      () => false,
    ),
  );
  expect(child.exitCode).toBeNull();
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
  closeSync(fullDisk);
});

async function metrics(bot: BotProcess): Promise<string> {
  return (await fetch(`${bot.address}/metrics`)).text();
}

/** A PNG file that declares a square of this many pixels a side, and holds none of them. */
function pngOfSize(pixels: number): Uint8Array {
  const header = Buffer.from(bat.subarray(0, 33));
  header.writeUInt32BE(pixels, 16);
  header.writeUInt32BE(pixels, 20);
  return Buffer.concat([header, bat.subarray(33)]);
}
