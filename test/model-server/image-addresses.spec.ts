import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import OpenAI from 'openai';

import { ScriptedEngine } from '../support/scripted-engine.js';
import { type RunningServer, runServer } from './running-server.js';

describe('a picture by its address', () => {
  let pictures: Server;
  let host: string;
  let server: RunningServer;
  const engine = new ScriptedEngine();

  beforeAll(async () => {
    pictures = createServer((request, response) => {
      if (request.url === '/elsewhere') response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
      else response.end('image of a bat');
    });
    await new Promise<void>((resolve) => pictures.listen(0, '127.0.0.1', resolve));
    host = `127.0.0.1:${(pictures.address() as AddressInfo).port}`;
    server = await runServer(() => engine, { ALLOW_IMAGE_URLS: '1', IMAGE_URL_HOSTS: host });
  });
  afterAll(async () => {
    await server.close();
    pictures.close();
  });

  const ask = (url: string) =>
    new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 }).chat.completions.create({
      model: 'scripted',
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
    });

  it('is fetched from a host that the operator allows', async () => {
    await ask(`http://${host}/bat.png`);
    const images = engine.requests.at(-1)!.segments.flatMap((one) => (one.kind === 'image' ? one.image : []));
    expect(images).toEqual([{ kind: 'bytes', bytes: Buffer.from('image of a bat') }]);
  });

  it.each([
    ['another host', () => 'https://example.com/bat.png', /example\.com is none of/],
    ['a host that a redirect leads to', () => `http://${host}/elsewhere`, /127\.0\.0\.1:1 is none of/],
  ])('is not fetched from %s', async (_where, url, reason) => {
    const error: unknown = await ask(url()).catch((refusal) => refusal);
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({
      code: 'invalid_image_url',
      param: 'messages.0.content.0.image_url',
      message: expect.stringMatching(reason),
    });
  });
});
