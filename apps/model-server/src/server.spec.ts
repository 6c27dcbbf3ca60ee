import { Logger } from '@nestjs/common';

import { ScriptedEngine } from '../../../test/support/scripted-engine.js';
import { DrainingError, RunningRequests } from './chat/running-requests.js';
import { parseServerConfig } from './config/environment.js';
import { StatusController } from './http/status.controller.js';
import { ServerMetrics } from './metrics/server-metrics.js';
import { ModelLoadingError, ServedModel } from './served-model.js';
import { openServer, serverLogger } from './server.js';
import { Shutdown } from './shutdown.js';
import { startUpReport } from './start-up-report.js';

const MEBIBYTE = 2 ** 20;

describe('the memory for requests', () => {
  // One request may take its images in base64, 4 MiB, and 4 MiB beside.
  const config = (REQUESTS_MIB: string) =>
    parseServerConfig({
      MAX_IMAGES: '3',
      MAX_IMAGE_BYTES: String(MEBIBYTE),
      REQUESTS_MIB,
      // No address of this machine (RFC 5737), so that nothing is opened.
      HTTP_ADDRESS: '203.0.113.1',
    });
  const opening = (requests: string) => openServer(config(requests), new ServerMetrics());

  it('holds at least one, or the server does not start', async () => {
    await expect(opening('7')).rejects.toMatchObject({
      code: 'start-up',
      message: expect.stringMatching(/^REQUESTS_MIB is 7, but one request .* may take 8: set it/),
    });
  });

  it('of one is enough; what stands in the way then is the address', async () => {
    await expect(opening('8')).rejects.toMatchObject({
      code: 'start-up',
      message: expect.stringContaining('HTTP_ADDRESS'),
    });
  });
});

describe('the log of the server', () => {
  const levelsOf = (LOG_LEVEL: string) => {
    const logger = serverLogger(parseServerConfig({ LOG_LEVEL }));
    return (['error', 'warn', 'log', 'debug', 'verbose'] as const).filter((level) =>
      logger.isLevelEnabled(level),
    );
  };

  it.each([
    ['error', ['error']],
    ['log', ['error', 'warn', 'log']],
    ['verbose', ['error', 'warn', 'log', 'debug', 'verbose']],
  ])('up to %s has %j', (level, levels) => {
    expect(levelsOf(level)).toEqual(levels);
  });

  it.each([
    ['json', true],
    ['text', false],
  ])('as %s is read by programs: %s', (LOG_FORMAT, isJson) => {
    const lines: string[] = [];
    const { write } = process.stdout;
    process.stdout.write = (line: string | Uint8Array) => Boolean(lines.push(String(line)));
    try {
      serverLogger(parseServerConfig({ LOG_FORMAT })).log('Hello');
    } finally {
      process.stdout.write = write;
    }
    expect(lines.join('')).toContain('Hello');
    expect(lines.join('').startsWith('{')).toBe(isJson);
  });
});

describe('the model that is served', () => {
  it('is waited for until it is loaded', async () => {
    const served = new ServedModel();
    expect(() => served.engine).toThrow(ModelLoadingError);
    await served.close();
    const engine = new ScriptedEngine();
    served.serve(engine);
    expect(served.engine).toBe(engine);
    expect(served.defaultStopSequences).toContain('###');
    await served.close();
    expect(engine.closed).toBe(true);
  });

  it('is ready when it is loaded and requests are taken', async () => {
    const [requests, served] = [new RunningRequests(), new ServedModel()];
    const status = new StatusController(requests, served, new ServerMetrics());
    expect(status.health()).toEqual({ status: 'ok' });
    expect(() => status.ready()).toThrow(ModelLoadingError);
    served.serve(new ScriptedEngine());
    expect(status.ready()).toEqual({ status: 'ready' });
    await requests.drain(0);
    expect(() => status.ready()).toThrow(DrainingError);
    await expect(status.exposition()).resolves.toContain('# TYPE');
  });
});

describe('the end of the server', () => {
  let lines: unknown[];
  const { log } = Logger.prototype;
  beforeEach(() => {
    lines = [];
    Logger.prototype.log = (line: unknown) => void lines.push(line);
  });
  afterEach(() => {
    Logger.prototype.log = log;
  });

  function ending(count: number) {
    const calls: unknown[] = [];
    const note =
      (...what: unknown[]) =>
      async (...details: unknown[]) =>
        void calls.push([...what, ...details]);
    const http = {
      close: (done: () => void) => done(),
      closeIdleConnections: () => calls.push(['http']),
      closeAllConnections: () => {},
    };
    const shutdown = new Shutdown(
      { DRAIN_SECONDS: 7 } as never,
      { close: note('model') } as never,
      { count, drain: note('drain') } as never,
      { setServing: note('serving'), sendLastMessages: note('grpc') } as never,
      { httpAdapter: { getHttpServer: () => http } } as never,
    );
    return { shutdown, calls };
  }

  it('tells load balancers first, lets requests finish, then lets the last messages through', async () => {
    const { shutdown, calls } = ending(2);
    await shutdown.beforeApplicationShutdown();
    expect(calls.slice(0, 3)).toEqual([
      ['serving', false],
      ['drain', 7],
      ['grpc', 1],
    ]);
    expect(lines).toEqual(['Shutting down: 2 requests may finish within 7 s.']);
    await shutdown.onApplicationShutdown();
    expect(calls.at(-1)).toEqual(['model']);
    expect(lines.at(-1)).toBe('Stopped.');
  });

  it('says nothing of requests where none run', async () => {
    await ending(0).shutdown.beforeApplicationShutdown();
    expect(lines).toEqual([]);
  });
});

describe('the report of the start', () => {
  const { manifest, limits } = new ScriptedEngine();
  const report = (
    more: object = {},
    variables: NodeJS.ProcessEnv = {},
    decoder = manifest.quantization.decoder,
  ) => {
    const engine = { manifest: { ...manifest, quantization: { decoder } }, limits: { ...limits, ...more } };
    return startUpReport(parseServerConfig(variables), engine as never, 1.25);
  };

  it('says what runs, how, and where', () => {
    const [model, device, reproducible, cache, ready, addresses] = report(
      { keyValueCacheBytes: 3 * MEBIBYTE },
      { THREADS: '1' },
    );
    expect(model).toBe('Model: scripted, int4 weights, context of 256 tokens. Answers as the test says.');
    expect(device).toMatch(
      /^Device: cpu \(.+\), 1 thread, computing in float32, token by token; 2 requests at once, 4 more may wait\.$/,
    );
    expect(reproducible).toBe('Reproducible: yes, a seed gives the same reply in any company (at no cost).');
    expect(cache).toBe('KV cache: 3 MiB in float32. Image cache: up to 256 MiB.');
    expect(ready).toMatch(/^Ready after 1\.3 s, with \d+ MiB of memory\.$/);
    expect(Number(/with (\d+)/.exec(ready!)?.[1])).toBeCloseTo(process.memoryUsage.rss() / MEBIBYTE, -3);
    expect(addresses).toBe(
      'gRPC: 127.0.0.1:50051. OpenAI-compatible: http://localhost:50052/v1. Metrics: http://localhost:50052/metrics.',
    );
  });

  it('says what is otherwise', () => {
    expect(report({}, {}, { kind: 'none' })[0]).toContain('fp32 weights');
    expect(report({ burstLength: 4 })[1]).toContain('in bursts of 4 tokens');
    expect(report({}, { THREADS: '2' })[1]).toContain('2 threads');
    expect(report({}, { DEVICE: 'webgpu' })[1]).toContain('Device: webgpu, computing');
    const reproducibility = (kind: string, company?: string) =>
      report({ reproducibility: { kind, company } })[2];
    expect(reproducibility('switched-off')).toContain('no, switched off by REPRODUCIBLE');
    expect(reproducibility('not-kept')).toContain('no, the kernels of this machine');
    expect(reproducibility('proven', 'in-pairs')).toContain('an odd number of replies');
  });
});
