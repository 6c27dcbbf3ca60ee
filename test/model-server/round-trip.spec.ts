import {
  createModelClient,
  imageDigest,
  imageFromBytes,
  type ModelClient,
  ModelServerError,
} from '#libs/client';

import { openModel, UnusablePictureError } from '#libs/vision-model';

import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { ScriptedEngine } from '../support/scripted-engine.js';
import { type RunningServer, runServer } from './running-server.js';

const engine = new ScriptedEngine();
let server: RunningServer;
let client: ModelClient;

beforeAll(async () => {
  server = await runServer(() => engine);
  client = createModelClient({ address: server.address });
  await client.waitUntilReady();
});

afterAll(async () => {
  client.close();
  await server.close();
});

const text = (value: string) => ({ kind: 'text', text: value }) as const;
const image = (bytes: string) => ({ kind: 'image', image: imageFromBytes(Buffer.from(bytes)) }) as const;

async function failure(promise: Promise<unknown>): Promise<ModelServerError> {
  const error = await promise.then(
    () => new Error('The call succeeded.'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ModelServerError)) throw error;
  return error;
}

async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('a reply', () => {
  it('streams as it is generated, and ends with its reason and cost', async () => {
    expect(await collected(client.generate({ segments: [text('say a b')] }))).toEqual([
      { kind: 'queued', position: 1 },
      { kind: 'delta', text: 'a', tokenIds: [1], scores: [] },
      { kind: 'delta', text: 'b', tokenIds: [1], scores: [] },
      {
        kind: 'finish',
        reason: 'stop',
        usage: { promptTokens: 7, completionTokens: 3, cachedPromptTokens: 2, images: 0, cachedImages: 0 },
        timings: {
          queueSeconds: 0.25,
          imageSeconds: 0.5,
          prefillSeconds: 0.75,
          decodeSeconds: 1.5,
          firstTokenSeconds: 1.25,
        },
        imageDigests: [],
        notices: [],
        places: [],
      },
    ]);
  });

  it('can be had whole', async () => {
    const reply = await client.generateOnce({ segments: [text('say ab c')] });
    expect(reply).toMatchObject({ text: 'abc', tokenIds: [2, 1], scores: [], reason: 'stop' });
  });

  it('is generated as the request says', async () => {
    await client.generateOnce({
      segments: [text('say a')],
      sampling: { temperature: 0.5, topK: 3, seed: 4_294_967_295 },
      maxNewTokens: 5,
      stopSequences: ['###'],
    });
    expect(engine.requests.at(-1)).toMatchObject({
      sampling: { temperature: 0.5, topK: 3, seed: 4_294_967_295 },
      maxNewTokens: 5,
      stopSequences: ['###'],
    });
    expect(engine.requests.at(-1)?.sampling?.topP).toBeUndefined();
  });

  it('begins a sequence where a segment asks for it, as Llama-2 wants before every question', async () => {
    const segments = [text('say a'), { ...text('[INST] Why?'), beginsSequence: true }];
    await client.generateOnce({ segments });
    expect(engine.requests.at(-1)?.segments).toEqual([
      { ...segments[0], beginsSequence: false },
      segments[1],
    ]);
  });
});

describe('an image', () => {
  it('is sent by name first, and in full when the server does not have it', async () => {
    const picture = image('image one');
    let loads = 0;
    const load = () => {
      loads++;
      return picture.image.load();
    };
    const counted = { kind: 'image', image: { digest: picture.image.digest, load } } as const;

    const first = await client.generateOnce({ segments: [counted, text('say a')] });
    expect(first.imageDigests).toEqual([picture.image.digest]);
    expect(loads).toBe(1);

    await collected(client.generate({ segments: [counted, text('say a')] }));
    expect(loads).toBe(1);
  });

  it('can be encoded ahead of its use', async () => {
    const bytes = Buffer.from('image two');
    expect(await client.encodeImage(bytes)).toEqual({
      digest: imageDigest(bytes),
      width: 3,
      height: 2,
      cached: false,
      notices: ['first-frame-only'],
    });
    expect(await client.encodeImage(bytes)).toMatchObject({ cached: true });
  });

  it('of several megabytes arrives', async () => {
    const bytes = Buffer.alloc(12_000_000, 'image');
    expect(await client.encodeImage(bytes)).toMatchObject({ digest: imageDigest(bytes) });
  });
});

describe('tokens', () => {
  it('are counted per segment, for images that the server does not have as well', async () => {
    const segments = [text('four'), image('image never sent'), text('on')];
    expect(await client.countTokens(segments)).toEqual({ tokens: 11, segmentTokens: [4, 4, 2] });
  });
});

describe('the model', () => {
  it('is described with its template, limits and defaults', async () => {
    expect(await client.getModel()).toEqual({
      name: 'scripted',
      description: 'Answers as the test says.',
      template: 'vicuna-v0',
      contextLength: 256,
      tokensPerImage: 4,
      maxImages: 8,
      distinctImages: 8,
      maxImageBytes: 20 * 2 ** 20,
      device: 'cpu',
      quantization: 'int4',
      defaultSampling: expect.objectContaining({ temperature: 0, topP: 1, topK: 0, repetitionPenalty: 1 }),
      defaultMaxNewTokens: 64,
      reproducible: true,
    });
  });
});

describe('a failed call', () => {
  it('names the fields that are not acceptable', async () => {
    const error = await failure(client.generateOnce({ segments: [], sampling: { temperature: 3 } }));
    expect(error).toMatchObject({
      code: 'INVALID_REQUEST',
      status: 3,
      violations: [
        { field: 'segments', description: 'The prompt is empty; send at least one segment.' },
        { field: 'sampling.temperature', description: 'It is 3, but must be from 0 to 2.' },
      ],
    });
  });

  it('says that an image cannot be read', async () => {
    const error = await failure(collected(client.generate({ segments: [image('no picture')] })));
    expect(error).toMatchObject({
      code: 'INVALID_IMAGE',
      status: 3,
      message: expect.stringMatching(/not an image/),
    });
  });

  it('says that the prompt is too long', async () => {
    const error = await failure(client.generateOnce({ segments: [text('too long')] }));
    expect(error).toMatchObject({ code: 'PROMPT_TOO_LONG', status: 3 });
  });

  it('says when a full queue is worth another try', async () => {
    const error = await failure(collected(client.generate({ segments: [text('too many')] })));
    expect(error).toMatchObject({ code: 'QUEUE_FULL', status: 8, retryAfterSeconds: 2.5 });
  });

  it('does not tell the client about defects of the server', async () => {
    const error = await failure(client.generateOnce({ segments: [text('break')] }));
    expect(error).toMatchObject({
      code: 'INTERNAL',
      status: 13,
      message: 'The model server failed; its log says how.',
    });
  });

  it('says that the server cannot be reached, and the next one works once it can', async () => {
    const port = { GRPC_PORT: String(await freePort()) };
    const caller = createModelClient({ address: `127.0.0.1:${port.GRPC_PORT}` });
    expect(await failure(caller.getModel())).toMatchObject({ code: 'UNAVAILABLE', status: 14 });

    const late = await runServer(() => new ScriptedEngine(), port);
    await caller.waitUntilReady();
    expect(await caller.getModel()).toMatchObject({ name: 'scripted' });
    caller.close();
    await late.close();
  });
});

describe('a caller that is gone', () => {
  it('stops the engine when it cancels', async () => {
    const stop = new AbortController();
    const reply = client.generate({ segments: [text('talk')] }, { signal: stop.signal });
    await reply.next();
    stop.abort();
    await expect(collected(reply)).rejects.toBe(stop.signal.reason);
    await eventually(() => engine.running === 0);
  });

  it('stops the engine when it leaves the stream', async () => {
    for await (const event of client.generate({ segments: [text('talk')] })) {
      if (event.kind === 'delta') break;
    }
    await eventually(() => engine.running === 0);
  });

  it('stops the engine when it cancels a call for a whole reply', async () => {
    const stop = new AbortController();
    const reply = client.generateOnce({ segments: [text('talk')] }, { signal: stop.signal });
    await eventually(() => engine.running === 1);
    stop.abort();
    await expect(reply).rejects.toBe(stop.signal.reason);
    await eventually(() => engine.running === 0);
  });

  it('stops the engine when its deadline passes', async () => {
    const reply = client.generate({ segments: [text('talk')] }, { deadlineSeconds: 0.2 });
    expect(await failure(collected(reply))).toMatchObject({ code: 'DEADLINE_EXCEEDED', status: 4 });
    await eventually(() => engine.running === 0);
  });
});

describe('a caller that reads slowly', () => {
  it('does not make the server pile up what it has not read', async () => {
    const before = engine.deltas;
    const reply = client.generate({ segments: [text('talk')] });
    await reply.next();
    let seen = -1;
    while (engine.deltas !== seen) {
      seen = engine.deltas;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(engine.deltas - before).toBeLessThan(500);
    // It was held up, not ended: it goes on as far as it is read.
    expect(engine.running).toBe(1);
    for (let read = 0; read < 500; read++) await reply.next();
    await eventually(() => engine.deltas > seen);
    await reply.return();
    await eventually(() => engine.running === 0);
  });
});

describe('the HTTP face', () => {
  it('says that the server is alive and ready', async () => {
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    expect((await fetch(`${server.url}/ready`)).status).toBe(200);
  });

  it('exposes failures for Prometheus', async () => {
    const exposition = await (await fetch(`${server.url}/metrics`)).text();
    expect(exposition).toMatch(/^minigpt4_request_failure_total\{reason="QUEUE_FULL"\} 1$/m);
  });
});

describe('a model that is asked about pictures on the server', () => {
  const picture = Buffer.from('image of a cat');
  const open = (address = server.address) => openModel({ kind: 'server', address }, () => {});

  it('answers in its template, and refuses what is no picture', async () => {
    const model = await open();
    expect(model).toMatchObject({ name: 'scripted', template: 'vicuna-v0', maxImageBytes: 20 * 2 ** 20 });
    await expect(model.ask(picture, { text: 'say a cat' })).resolves.toEqual({
      text: 'acat',
      finishReason: 'stop',
      notices: [],
    });
    await expect(model.ask(Buffer.from('letter'), { text: 'say a' })).rejects.toThrow(UnusablePictureError);
    await model.close();
  });

  it('waits while the queue is full, until it is told to stop', async () => {
    const model = await open();
    const before = engine.requests.length;
    const stop = new AbortController();
    const answer = model.ask(picture, { text: 'too many' }, stop.signal);
    await eventually(() => engine.requests.length > before + 1);
    stop.abort(new Error('Enough.'));
    await expect(answer).rejects.toBe(stop.signal.reason);
    await model.close();
  });

  it('is missed where no server is', async () => {
    await expect(open(`127.0.0.1:${await freePort()}`)).rejects.toThrow(
      /^No model server can be reached at 127/,
    );
  });
});
