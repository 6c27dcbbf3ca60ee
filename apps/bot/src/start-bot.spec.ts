import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { json, text } from 'node:stream/consumers';

import type { NestExpressApplication } from '@nestjs/platform-express';

import { Settings } from './config/settings.js';
import { findPageAddress, startBot } from './start-bot.js';

describe('the web page’s port', () => {
  const running: NestExpressApplication[] = [];

  /** A bot without a model server: its answers are refusals and failures. */
  async function start(variables: NodeJS.ProcessEnv, config: object = {}): Promise<number> {
    const variablesOfPage = { WEB_PORT: '0', MODEL_SERVER_ADDRESS: '127.0.0.1:1', ...variables };
    const app = await startBot(Settings.parse(variablesOfPage, config), false);
    running.push(app);
    return Number(new URL(findPageAddress(app)).port);
  }

  afterEach(async () => {
    await Promise.all(running.splice(0).map((app) => app.close()));
  });

  async function send(port: number, headers: Record<string, string>, path = '/', body?: object) {
    const sent = request({ host: '127.0.0.1', port, path, method: body ? 'POST' : 'GET', headers });
    sent.end(body && JSON.stringify(body));
    const [response] = await once(sent, 'response');
    return response;
  }

  it('answers to its own names, and to no other that may resolve to it', async () => {
    const port = await start({ ALLOWED_HOSTS: 'chat.example.com' });
    const statusFor = async (headers: Record<string, string>) => (await send(port, headers)).statusCode;
    await expect(statusFor({ host: `localhost:${port}` })).resolves.toBe(200);
    await expect(statusFor({ host: `127.0.0.1:${port}` })).resolves.toBe(200);
    await expect(statusFor({ host: 'chat.example.com' })).resolves.toBe(200);
    await expect(statusFor({ host: `evil.example:${port}` })).resolves.toBe(403);
    const ofAnotherSite = { host: `localhost:${port}`, origin: 'https://evil.example' };
    await expect(statusFor(ofAnotherSite)).resolves.toBe(403);
    const refused = await send(port, { host: 'evil.example' }, '/api/model');
    await expect(text(refused)).resolves.toMatch(/evil\.example.*ALLOWED_HOSTS/);
  });

  /** Asks as the page does, for a visitor that a proxy forwards for. */
  async function askAs(port: number, visitor: string): Promise<string> {
    const headers = { host: 'localhost', 'content-type': 'application/json', 'x-forwarded-for': visitor };
    const response = await send(port, headers, '/api/answers', {
      id: randomUUID(),
      conversation: randomUUID(),
      locale: 'en',
      wish: 'chat',
      again: false,
      messages: [{ author: 'user', text: 'Hello!', images: [] }],
    });
    const lines = (await text(response)).trim().split('\n');
    return JSON.parse(lines.at(-1) ?? '').state;
  }

  it('counts the visitors of a trusted proxy one by one, and believes no other', async () => {
    const once = { limits: { perUser: { questions: 1, seconds: 60 } } };
    const behindProxy = await start({ TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8' }, once);
    await expect(askAs(behindProxy, '203.0.113.1')).resolves.toBe('failed');
    await expect(askAs(behindProxy, '203.0.113.2')).resolves.toBe('failed');
    await expect(askAs(behindProxy, '203.0.113.1')).resolves.toBe('refused');
    // What a visitor claims stands ahead of what the proxy adds.
    await expect(askAs(behindProxy, '198.51.100.9, 203.0.113.1')).resolves.toBe('refused');

    const open = await start({}, once);
    await expect(askAs(open, '203.0.113.1')).resolves.toBe('failed');
    await expect(askAs(open, '203.0.113.2')).resolves.toBe('refused');
  });

  it('does not start with proxies that are no addresses', async () => {
    await expect(start({ TRUSTED_PROXIES: 'my-proxy' })).rejects.toThrow(
      expect.objectContaining({ code: 'start-up' }),
    );
  });

  it('is closed to everybody by an allow list that does not name the page', async () => {
    const port = await start({}, { permissions: { servers: { allow: ['mine'] } } });
    await expect(askAs(port, '203.0.113.1')).resolves.toBe('refused');
    const headers = {
      host: 'localhost',
      'content-type': 'application/octet-stream',
      'x-image-name': 'a.png',
    };
    const looked = await send(port, headers, '/api/images', {});
    await expect(json(looked)).resolves.toMatchObject({ refused: 'I am not set up to answer you here.' });
  });
});
