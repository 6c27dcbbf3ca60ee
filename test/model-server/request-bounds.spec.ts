import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { json } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';

import { credentials, Metadata } from '@grpc/grpc-js';

import { createModelClient, type ModelClient } from '#libs/client';
import { ChatServiceClient } from '#libs/protocol';

import { eventually } from '../support/eventually.js';
import { ScriptedEngine } from '../support/scripted-engine.js';
import { type RunningServer, runServer } from './running-server.js';

const MEBIBYTE = 2 ** 20;

const engine = new ScriptedEngine();
let server: RunningServer;
let client: ModelClient;

beforeAll(async () => {
  // One body may then have 5.3 MiB, and all of them together 6.
  const limits = { MAX_IMAGES: '1', MAX_IMAGE_BYTES: String(MEBIBYTE), REQUESTS_MIB: '6' };
  server = await runServer(() => engine, limits);
  client = createModelClient({ address: server.address });
});

afterAll(async () => {
  client.close();
  await server.close();
});

const question = (content: unknown) => ({ model: 'scripted', messages: [{ role: 'user', content }] });

async function post(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** What the server says to a body of which only the beginning is ever sent. */
async function answerTo(beginning: string) {
  const sending = request(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': beginning.length + MEBIBYTE },
  });
  sending.write(beginning);
  const [response] = (await once(sending, 'response')) as [IncomingMessage];
  const { error } = (await json(response)) as { error: object };
  sending.destroy();
  return { status: response.statusCode, ...error };
}

/** A client that sends so many bytes of a body and then nothing more. */
async function holding(bytes: number): Promise<Socket> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => {});
  socket.write(
    'POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' +
      `Content-Length: ${bytes + 1}\r\n\r\n`,
  );
  const written = new Promise((resolve) => socket.write(Buffer.alloc(bytes, ' '), resolve));
  await Promise.all([once(socket, 'connect'), written]);
  return socket;
}

describe('a body', () => {
  it('that is compressed is refused before it is inflated', async () => {
    const answer = await post(Uint8Array.from(gzipSync(JSON.stringify(question('say a')))), {
      'content-encoding': 'gzip',
    });
    expect(answer).toMatchObject({ status: 415, text: expect.stringMatching(/compressed \(gzip\)/) });
  });

  it('that is larger than the images it may hold is refused', async () => {
    expect(await post(' '.repeat(6 * MEBIBYTE))).toMatchObject({
      status: 413,
      text: expect.stringMatching(/larger than \d+ bytes/),
    });
  });

  it('that is nested too deeply is refused', async () => {
    expect(await post('['.repeat(100))).toMatchObject({
      status: 400,
      text: expect.stringContaining('nested more than 64 levels deep'),
    });
  });

  const imageOf = (base64: string) =>
    question([
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${base64}` } },
    ]);

  it.each([
    ['a text', question('a'.repeat(100_000)), 'messages', 'context_length_exceeded'],
    [
      'many texts',
      question(Array(300).fill({ type: 'text', text: 'a'.repeat(1_000) })),
      'messages',
      'context_length_exceeded',
    ],
    [
      'an image that is none',
      imageOf('A'.repeat(100_000)),
      'messages.0.content.1.image_url',
      'invalid_image',
    ],
    [
      'an image of a format that is not read',
      imageOf(Buffer.from('8BPS'.padEnd(75_000)).toString('base64')),
      'messages.0.content.1.image_url',
      'invalid_image',
    ],
    [
      'an address for an image',
      question([{ image_url: `http://${'a'.repeat(100_000)}` }]),
      'messages',
      'context_length_exceeded',
    ],
  ])('with %s that is too long is refused while it arrives', async (_name, body, param, code) => {
    const beginning = JSON.stringify(body).slice(0, -10);
    expect(await answerTo(beginning)).toMatchObject({ status: 400, param, code });
  });

  it.each([
    ['as they are', (text: string) => text],
    ['with escaped slashes', (text: string) => text.replaceAll('/', '\\/')],
    ['with escaped plus signs', (text: string) => text.replaceAll('+', '\\u002B')],
  ])('with a large image is read, its characters %s', async (_name, escaped) => {
    const png = Buffer.alloc(200_000, '\x89PNG\r\n\x1a\n\xfb\xff', 'latin1');
    const answer = await post(escaped(JSON.stringify(imageOf(png.toString('base64')))));
    // The server took it; the engine of this test looks closer.
    expect(answer).toMatchObject({ status: 400, text: expect.stringContaining('invalid_image') });
    const images = engine.requests.at(-1)!.segments.flatMap((one) => (one.kind === 'image' ? one.image : []));
    expect(images.map((image) => image.kind === 'bytes' && png.equals(image.bytes))).toEqual([true]);
  });

  it.each([
    ['a text beyond the context', question('a'.repeat(5_000))],
    [
      'very many messages',
      { model: 'scripted', messages: Array(40_000).fill({ role: 'user', content: 'a' }) },
    ],
  ])('with %s is refused', async (_name, body) => {
    expect(await post(JSON.stringify(body))).toMatchObject({ status: 400 });
  });
});

describe('a message over gRPC', () => {
  it('that is compressed is refused before it is inflated', async () => {
    const gzip = { 'grpc.default_compression_algorithm': 2 };
    const other = new ChatServiceClient(server.address, credentials.createInsecure(), gzip);
    const error = await new Promise((resolve) => {
      const message = {
        segments: [{ content: { $case: 'text' as const, value: 'a'.repeat(5_000) }, beginsSequence: false }],
      };
      other.countTokens(message, new Metadata(), (refusal) => resolve(refusal));
    });
    other.close();
    expect(error).toMatchObject({ code: 12, details: expect.stringContaining('compressed') });
  });
});

describe('requests that together hold more than they may', () => {
  it('are refused on both ports until there is room again', async () => {
    const image = Buffer.alloc(MEBIBYTE, 'image');
    const holder = await holding(Math.floor(5.2 * MEBIBYTE));
    const body = JSON.stringify(question('say a')).padEnd(MEBIBYTE);
    await eventually(async () => (await post(body)).status === 503);
    const refused = await post(body);
    expect(refused.headers.get('retry-after')).toBe('2');
    expect(refused.text).toContain('as much memory as they may');
    await expect(client.encodeImage(image)).rejects.toMatchObject({ code: 'QUEUE_FULL', status: 8 });

    holder.destroy();
    await eventually(async () => (await post(body)).status === 200);
    await expect(client.encodeImage(image)).resolves.toMatchObject({ width: 3 });
  });
});
