import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

import { ExpressAdapter } from '@nestjs/platform-express';
import type { Response } from 'express';

import { type AppendSink, ReplyGoneError } from '../contract/index.js';
import { abortWhenClosed, openAnswerStream } from './answer-stream.js';

let server: Server;

afterEach(() => server.close());

/** Answers the next request by `answer`. @returns the port, and how the answer went */
async function serve(answer: (sink: AppendSink, response: Response) => Promise<void>) {
  const express = new ExpressAdapter();
  server = createServer(express.getInstance());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const answered = new Promise<void>((resolve, reject) => {
    express.get('/', (_request: Request, response: Response) => {
      answer(openAnswerStream(response, abortWhenClosed(response)), response).then(resolve, reject);
    });
  });
  return { port: (server.address() as AddressInfo).port, answered };
}

it('sends what it is given as lines, and how it ended', async () => {
  const { port } = await serve(async (sink) => {
    await sink.showStatus('Looking…');
    await sink.append('It is ', 'It is ');
    await sink.append('a bat.', 'It is a bat.');
    await sink.finish({ state: 'done', notes: [], actions: [] });
  });
  const received = await (await fetch(`http://127.0.0.1:${port}`)).text();
  expect(
    received
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([
    { event: 'status', status: 'Looking…' },
    { event: 'text', text: 'It is ' },
    { event: 'text', text: 'a bat.' },
    { event: 'end', state: 'done', notes: [], actions: [] },
  ]);
});

it('waits for no page that hangs up while it is written to', async () => {
  const { port, answered } = await serve(async (sink, response) => {
    await sink.append('It is ', 'It is ');
    await once(response.socket!, 'end');
    // The page is gone, but the connection is not closed yet.
    expect(response.closed).toBe(false);
    await sink.append('a ', 'It is a ');
    await once(response, 'close');
    await sink.append('bat.', 'It is a bat.');
  });
  const page = connect(port, '127.0.0.1');
  page.write('GET / HTTP/1.1\r\nHost: bot\r\n\r\n');
  await once(page, 'data');
  page.end();
  await expect(answered).rejects.toThrow(ReplyGoneError);
});
