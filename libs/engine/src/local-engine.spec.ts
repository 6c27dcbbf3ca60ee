import { readSquareImage } from '#libs/images';
import { ask, bat, nano } from '../../../test/support/nano-engine.js';
import type { GenerateEvent, GenerateRequest } from './engine.js';
import { engineOptions } from './engine-options.js';
import type { ReadImage } from './images/owner-image-reader.js';
import { loadModel } from './load-model.js';
import { LocalEngine } from './local-engine.js';

const readImage: ReadImage = (bytes, shape) => readSquareImage(bytes, { shape, maxPixels: 1e6 });

describe('LocalEngine', () => {
  it('decodes at most one more step after a cancellation, and frees the slot', async () => {
    const settings = engineOptions.parse(nano);
    const { model } = await loadModel(settings, () => {}, readImage);
    const log: string[] = [];
    const controller = new AbortController();
    let idle = () => {};
    const isIdle = new Promise<void>((resolve) => {
      idle = resolve;
    });
    const engine = new LocalEngine(model, settings, {
      onGauges: ({ requestsRunning, keyValueCacheUsage }) => {
        if (!controller.signal.aborted || requestsRunning > 0) return;
        expect(keyValueCacheUsage).toBe(0);
        idle();
      },
      onObservation: ({ kind }) => {
        log.push(kind);
        if (log.filter((entry) => entry === 'decode').length === 5 && !controller.signal.aborted) {
          setImmediate(() => {
            log.push('cancel');
            controller.abort();
          });
        }
      },
    });
    const events: GenerateEvent[] = [];
    engine.generate(
      ask('Describe this image in detail.', [bat]),
      { onEvent: (event) => events.push(event), onError: (error) => expect(error).toBeUndefined() },
      controller.signal,
    );
    await isIdle;
    const afterCancel = log.slice(log.indexOf('cancel') + 1);
    expect(afterCancel.filter((entry) => entry === 'decode').length).toBeLessThanOrEqual(1);
    expect(afterCancel.at(-1)).toBe('finish');
    expect(events.some(({ kind }) => kind === 'finish')).toBe(false);
  });

  it('takes the likeliest token at temperature 0, whatever penalty its package names', async () => {
    const settings = engineOptions.parse(nano);
    const { model } = await loadModel(settings, () => {}, readImage);
    const { manifest } = model;
    const generation = { ...manifest.generation, temperature: 1, repetitionPenalty: 2 };
    const engine = new LocalEngine({ ...model, manifest: { ...manifest, generation } }, settings, {
      onGauges: () => {},
      onObservation: () => {},
    });
    const tokensAt = (sampling: GenerateRequest['sampling']) =>
      new Promise<number[]>((resolve, reject) => {
        const tokens: number[] = [];
        const onEvent = (event: GenerateEvent) => {
          if (event.kind === 'delta') tokens.push(...event.tokenIds);
          if (event.kind === 'finish') resolve(tokens);
        };
        const request = {
          segments: [{ kind: 'text' as const, text: 'bat bat bat' }],
          stopSequences: [],
          sampling,
          maxNewTokens: 100,
        };
        engine.generate(request, { onEvent, onError: reject }, new AbortController().signal);
      });
    const greedy = await tokensAt({ temperature: 0 });
    expect(greedy).toEqual(await tokensAt({ temperature: 0, repetitionPenalty: 1 }));
    expect(greedy).not.toEqual(await tokensAt({ temperature: 0, repetitionPenalty: 2 }));
  });
});
