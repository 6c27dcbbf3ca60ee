import { EventEmitter } from 'node:events';
import { FinishReason } from '#libs/protocol';

import { ScriptedEngine } from '../../../../test/support/scripted-engine.js';
import { callerGone, streamed, untilDrained } from './calls.js';
import { generateOnceResponse, generateResponse, modelResponse } from './messages.js';
import { generateRequestFromWire, segmentsFromWire, wireField } from './wire-requests.js';

const never = new AbortController().signal;

describe('a call', () => {
  it('ends with its caller, also with one that is gone already', () => {
    const call = Object.assign(new EventEmitter(), { cancelled: false });
    const signal = callerGone(call as never);
    expect(signal.aborted).toBe(false);
    call.emit('cancelled');
    expect(signal.aborted).toBe(true);
    expect(callerGone(Object.assign(new EventEmitter(), { cancelled: true }) as never).aborted).toBe(true);
  });

  /** A call whose client has or has not room, and what it got of three messages. */
  function streaming(writableNeedDrain: boolean, signal = never) {
    const call = Object.assign(new EventEmitter(), { writableNeedDrain });
    const got: unknown[] = [];
    async function* messages() {
      for (const response of [1, 2, 3]) yield { response, signal };
    }
    const ended = new Promise((resolve) => {
      streamed(call as never, messages()).subscribe({
        next: (message) => got.push(message),
        error: resolve,
        complete: () => resolve('complete'),
      });
    });
    return { call, got, ended };
  }

  it('streams at once where there is room', async () => {
    const { got, ended } = streaming(false);
    await expect(ended).resolves.toBe('complete');
    expect(got).toEqual([1, 2, 3]);
  });

  it('streams the next message when the client has room for it', async () => {
    const { call, got, ended } = streaming(true);
    for (const count of [1, 2, 3]) {
      while (got.length < count || call.listenerCount('drain') === 0) await new Promise(setImmediate);
      expect(got).toHaveLength(count);
      call.emit('drain');
    }
    await expect(ended).resolves.toBe('complete');
  });

  it('waits no longer than its signal, and fails as that or as the stream does', async () => {
    const over = new AbortController();
    const { got, ended } = streaming(true, over.signal);
    while (got.length === 0) await new Promise(setImmediate);
    over.abort(new Error('over'));
    await expect(ended).resolves.toMatchObject({ message: 'over' });
    const stream = new EventEmitter();
    const drained = untilDrained(stream as never, never);
    stream.emit('error', new Error('broken'));
    await expect(drained).rejects.toThrow('broken');
  });
});

describe('a reply in the contract', () => {
  const events = async () => {
    const all = [];
    const segments = [{ kind: 'text' as const, text: 'say a bc' }];
    for await (const event of new ScriptedEngine().generate({ segments, stopSequences: [] } as never))
      all.push(event);
    return all;
  };

  it('comes event by event', async () => {
    const [queued, delta, , finish] = (await events()).map((event) =>
      generateResponse(event, 'vicuna-v0', ''),
    );
    expect(queued).toEqual({ event: { $case: 'queued', value: { position: 1 } } });
    expect(delta).toEqual({ event: { $case: 'delta', value: { text: 'a', tokenIds: [1], scores: [] } } });
    expect(finish?.event).toMatchObject({
      $case: 'finish',
      value: {
        reason: FinishReason.FINISH_REASON_STOP,
        usage: { promptTokens: 7 },
        timings: {
          queueSeconds: 0.25,
          imageSeconds: 0.5,
          prefillSeconds: 0.75,
          decodeSeconds: 1.5,
          firstTokenSeconds: 1.25,
        },
      },
    });
  });

  it('comes as a whole', async () => {
    async function* generated() {
      yield* await events();
    }
    await expect(generateOnceResponse(generated(), 'vicuna-v0')).resolves.toMatchObject({
      text: 'abc',
      tokenIds: [1, 2],
      finish: { reason: FinishReason.FINISH_REASON_STOP },
    });
  });

  it('says of the model what it is', () => {
    const { manifest, limits } = new ScriptedEngine();
    expect(modelResponse(manifest, limits)).toMatchObject({
      name: 'scripted',
      contextLength: 256,
      tokensPerImage: 4,
      maxImages: 8,
      distinctImages: 8,
      quantization: 'int4',
      reproducible: true,
      defaultMaxNewTokens: 64,
    });
    const other = {
      ...manifest,
      quantization: { ...manifest.quantization, decoder: { kind: 'none' as const } },
    };
    expect(modelResponse(other, { ...limits, reproducibility: { kind: 'not-kept' } } as never)).toMatchObject(
      {
        quantization: 'fp32',
        reproducible: false,
      },
    );
  });
});

describe('a request of the contract', () => {
  const text = (value: string, more: object = {}) => ({ content: { $case: 'text', value }, ...more });
  const request = (content: object) =>
    generateRequestFromWire({ segments: [], ...content } as never, ['###']);

  it('has the template’s stop sequences where it has none of its own', () => {
    expect(request({}).stopSequences).toEqual(['###']);
    expect(request({ stopping: { stopSequences: [] } }).stopSequences).toEqual(['###']);
    expect(request({ stopping: { stopSequences: ['a'], maxNewTokens: 5 } })).toMatchObject({
      stopSequences: ['a'],
      maxNewTokens: 5,
    });
  });

  it('has texts and images, by bytes or digest', () => {
    const data = new Uint8Array([1]);
    const image = (source: object) => ({
      content: { $case: 'image', value: { source } },
      endsSequence: true,
    });
    expect(
      segmentsFromWire([
        text('a', { beginsSequence: true, endsSequence: true }),
        text('b', { beginsSequence: false }),
        image({ $case: 'data', value: data }),
        image({ $case: 'digest', value: 'sha256:0' }),
      ] as never),
    ).toEqual([
      { kind: 'text', text: 'a', beginsSequence: true, endsSequence: true },
      { kind: 'text', text: 'b', beginsSequence: false },
      { kind: 'image', image: { kind: 'bytes', bytes: data }, endsSequence: true },
      { kind: 'image', image: { kind: 'digest', digest: 'sha256:0' }, endsSequence: true },
    ]);
  });

  it.each([
    [{}, ['segments', 1], 'The segment holds neither text nor an image.'],
    [
      { content: { $case: 'image', value: {} } },
      ['segments', 1, 'image'],
      'The image has neither bytes nor a digest.',
    ],
  ])('with a segment of %j is refused by its place', (segment, path, message) => {
    expect(() => segmentsFromWire([text('a'), segment] as never)).toThrow(
      expect.objectContaining({ fault: { code: 'invalid-request', fields: [{ path, message }] } }),
    );
  });

  it.each<[readonly (string | number)[], string]>([
    [['segments', 1, 'image', 'bytes'], 'segments[1].image.data'],
    [['sampling', 'topP'], 'sampling.top_p'],
    [['maxNewTokens'], 'stopping.max_new_tokens'],
    [['stopSequences', 0], 'stopping.stop_sequences[0]'],
    [[], ''],
  ])('calls %j %s', (path, field) => {
    expect(wireField(path as never)).toBe(field);
  });
});
