import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { fetchPatiently } from './fetch-patiently.js';

type Answer = (response: ServerResponse) => void;

let server: Server;
let address: string;
let answers: Answer[];
let requests: number;

beforeEach(async () => {
  answers = [];
  requests = 0;
  server = createServer((_, response) => {
    requests++;
    const answer = answers.shift() ?? ok;
    answer(response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
});
afterEach(() => new Promise((closed) => server.close(closed)));

const ok: Answer = (response) => response.end('weights');
const busy =
  (status: number, retryAfter?: string): Answer =>
  (response) =>
    response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter }).end('busy');

describe('a busy hub', () => {
  it.each([429, 503])('that answers %s is asked again when it says so', async (status) => {
    answers = [busy(status, '0'), busy(status, new Date(Date.now() - 5000).toUTCString())];
    expect(await (await fetchPatiently(address)).text()).toBe('weights');
    expect(requests).toBe(3);
  });

  it('is not asked before the time that it names', async () => {
    answers = [busy(429, '1')];
    const before = performance.now();
    await fetchPatiently(address);
    expect(performance.now() - before).toBeGreaterThan(950);
  });

  it('that names no time is not asked again here', async () => {
    answers = [busy(503), busy(429, 'soon')];
    expect((await fetchPatiently(address)).status).toBe(503);
    expect((await fetchPatiently(address)).status).toBe(429);
    expect(requests).toBe(2);
  });

  it('that asks for hours ends the command with a sentence that says when to come again', async () => {
    answers = [busy(429, '7200')];
    await expect(fetchPatiently(address)).rejects.toThrow(
      /asks to come again in 120 minutes.+run the same command/,
    );
  });

  it('that never has time is asked a few times only', async () => {
    answers = Array<Answer>(20).fill(busy(503, '0'));
    expect((await fetchPatiently(address)).status).toBe(503);
    expect(requests).toBe(7);
  });

  it('is not waited for when the command is interrupted', async () => {
    answers = [busy(429, '200')];
    const interruption = new AbortController();
    const reply = fetchPatiently(address, { signal: interruption.signal });
    setTimeout(() => interruption.abort(), 100);
    await expect(reply).rejects.toThrow(/abort/i);
  });
});
