import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createModelClient } from '#libs/client';

import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';

/** `npm start`'s model server, as its own process. */
interface ServerProcess {
  readonly process: ChildProcess;
  /** All it has printed. */
  output(): string;
  readonly exitCode: Promise<number | null>;
}

const running: ChildProcess[] = [];

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

async function launch(
  variables: NodeJS.ProcessEnv,
  stdout: 'pipe' | number = 'pipe',
): Promise<ServerProcess> {
  const ports = { GRPC_PORT: String(await freePort()), HTTP_PORT: String(await freePort()) };
  const child = spawn(process.execPath, ['dist/apps/model-server/src/main.js'], {
    env: { ...process.env, MODEL_PATH: '', ...ports, ...variables },
    stdio: ['ignore', stdout, 'pipe'],
  });
  running.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const exitCode = once(child, 'close').then(([code]) => code as number | null);
  return { process: child, output: () => output, exitCode };
}

async function refusal(variables: NodeJS.ProcessEnv): Promise<string> {
  const server = await launch(variables);
  expect(await server.exitCode).toBe(1);
  expect(server.output()).not.toMatch(/^\s+at /m);
  return server.output();
}

describe('a server that cannot start says why in a sentence', () => {
  it('when a variable has a wrong value', async () => {
    expect(await refusal({ SLOTS: 'many' })).toContain(
      'SLOTS is "many", but must be a whole number from 1 to 256.',
    );
  });

  it('when there is no model package where it should be', async () => {
    expect(await refusal({ MODEL_PATH: 'no/such/folder' })).toMatch(
      /MODEL_PATH is "no\/such\/folder", but there is no model package in it .* "npm run cli -- convert"/,
    );
  });

  it('when the model package is broken', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'broken-package-'));
    await writeFile(join(folder, 'model.json'), '{ "formatVersion": 1 }');
    try {
      const output = await refusal({ MODEL_PATH: folder });
      expect(output).toContain(`The model in MODEL_PATH "${folder}" cannot be loaded.`);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it.each(['GRPC', 'HTTP'])('when its %s port is in use', async (face) => {
    const occupant = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => occupant.listen(port, '127.0.0.1', resolve));
    try {
      const output = await refusal({ [`${face}_PORT`]: String(port) });
      expect(output).not.toContain('Loading');
      expect(output).toContain(
        `Port ${port} on 127.0.0.1 is taken by another program. Set ${face}_PORT to a free port, for instance ${face}_PORT=${port + 1}.`,
      );
    } finally {
      occupant.close();
    }
  });
});

describe('a running server', () => {
  it('says what it runs and where to reach it, and ends in order on SIGTERM', async () => {
    const port = String(await freePort());
    const server = await launch({ GRPC_PORT: port });
    const client = createModelClient({ address: `127.0.0.1:${port}` });
    await client.waitUntilReady();
    const reply = await client.generateOnce({
      segments: [{ kind: 'text', text: '###Human: Hello. ###Assistant: ' }],
      sampling: { temperature: 0 },
      maxNewTokens: 8,
    });
    expect(reply.usage.completionTokens).toBeGreaterThan(0);
    client.close();

    server.process.kill('SIGTERM');
    expect(await server.exitCode).toBe(0);
    expect(server.output()).toMatch(/Model: nano/);
    expect(server.output()).toMatch(/Device: cpu \(.*\), \d+ threads?/);
    expect(server.output()).toMatch(/Ready after [\d.]+ s, with \d+ MiB of memory\./);
    expect(server.output()).toContain(`gRPC: 127.0.0.1:${port}`);
    expect(server.output()).toMatch(/Stopped\.\s*$/);
  });

  it('goes on where its output cannot be written, and ends for SIGINT although a client is silent', async () => {
    const ports = { GRPC_PORT: String(await freePort()), HTTP_PORT: String(await freePort()) };
    const fullDisk = await open('/dev/full', 'w');
    const server = await launch(
      { ...ports, GRPC_ADDRESS: '::', HTTP_ADDRESS: '::1', DRAIN_SECONDS: '0' },
      fullDisk.fd,
    );
    const client = createModelClient({ address: `127.0.0.1:${ports.GRPC_PORT}` });
    await client.waitUntilReady();
    client.close();
    const silent = [ports.GRPC_PORT, ports.HTTP_PORT].map((port) => connect(Number(port), '::1'));
    for (const socket of silent)
      await once(
        socket.on('error', () => {}),
        'connect',
      );
    expect((await fetch(`http://[::1]:${ports.HTTP_PORT}/ready`)).status).toBe(200);

    server.process.kill('SIGINT');
    expect(await server.exitCode).toBe(0);
    await fullDisk.close();
  });

  it('ends for SIGTERM while it loads', async () => {
    const port = String(await freePort());
    const server = await launch({ HTTP_PORT: port });
    await eventually(() =>
      fetch(`http://127.0.0.1:${port}/health`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    server.process.kill('SIGTERM');
    expect(await server.exitCode).toBe(0);
  });
});
