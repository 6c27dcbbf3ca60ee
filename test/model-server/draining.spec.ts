import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { createModelClient, type ModelClient } from '#libs/client';

import { eventually } from '../support/eventually.js';
import { ScriptedEngine } from '../support/scripted-engine.js';
import { type RunningServer, runServer } from './running-server.js';

let engine: ScriptedEngine;
let server: RunningServer;
let client: ModelClient;

async function start(drainSeconds: number): Promise<void> {
  engine = new ScriptedEngine();
  server = await runServer(() => engine, { DRAIN_SECONDS: String(drainSeconds) });
  client = createModelClient({ address: server.address });
  await client.waitUntilReady();
}

afterEach(() => client.close());

const talk = { segments: [{ kind: 'text', text: 'talk' }] } as const;

describe('a server that shuts down', () => {
  it('lets running replies finish before it closes the engine', async () => {
    await start(30);
    const words = Array.from({ length: 400 }, (_, index) => `word${index}`);
    const reply = client.generate({ segments: [{ kind: 'text', text: `say ${words.join(' ')}` }] });
    await reply.next();

    const closed = server.close();
    let text = '';
    let reason = '';
    for await (const event of reply) {
      expect(engine.closed).toBe(false);
      if (event.kind === 'delta') text += event.text;
      if (event.kind === 'finish') reason = event.reason;
    }
    expect(text).toBe(words.join(''));
    expect(reason).toBe('stop');
    await closed;
    expect(engine.closed).toBe(true);
  });

  it('takes no further requests', async () => {
    await start(30);
    const reply = client.generate(talk);
    await reply.next();

    const closed = server.close();
    await expect(client.generateOnce(talk)).rejects.toMatchObject({ status: 14 });
    expect(engine.requests).toHaveLength(1);
    await reply.return();
    await closed;
  });

  it('ends what is not finished when its time is up, and says why', async () => {
    await start(0);
    const reply = client.generate(talk);
    await reply.next();

    const closed = server.close();
    const drained = (async () => {
      for await (const _event of reply);
    })();
    await expect(drained).rejects.toMatchObject({ code: 'DRAINING', status: 14 });
    await eventually(() => engine.running === 0);
    await closed;
  });

  it('does not wait for a program that does not read its reply', async () => {
    await start(0);
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => {});
    socket.pause();
    const body = JSON.stringify({
      model: 'scripted',
      stream: true,
      messages: [{ role: 'user', content: 'talk' }],
    });
    socket.write(
      'POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' +
        `Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    const reply = client.generate(talk);
    await eventually(() => engine.running === 1);
    await reply.next();
    await eventually(() => engine.running === 2);
    await untilStill(() => engine.deltas);

    await server.close();
    expect(engine.running).toBe(0);
    expect(engine.closed).toBe(true);
    socket.destroy();
    await expect(reply.return()).resolves.toBeDefined();
  });

  it('does not wait for half a request', async () => {
    await start(30);
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => {});
    await once(socket, 'connect');
    socket.write(
      'POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n',
    );
    await server.close();
    expect(engine.closed).toBe(true);
    socket.destroy();
  });
});

/** Until a count has not changed for a while. */
async function untilStill(count: () => number): Promise<void> {
  for (let seen = -1; seen !== count(); ) {
    seen = count();
    await sleep(50);
  }
}
