import { setImmediate as nextTurn } from 'node:timers/promises';

import { type ImageNotice, UnreadableImageError } from '#libs/images';
import type { ImageDigest } from '../engine.js';
import { EngineError } from '../errors.js';
import { type EncoderPiece, ImageEncoder, type ImageNetworks } from './image-encoder.js';

const digestOf = (name: string) => `sha256:${name}` as ImageDigest;
const bytesOf = (name: string) => new TextEncoder().encode(name);
const PROJECTION_BYTES = 8;
const notices: readonly ImageNotice[] = ['first-frame-only'];

/** Networks whose result tells which image it came from, and that count their runs. */
class CountingNetworks implements ImageNetworks {
  readonly begun: number[] = [];
  readonly projected: number[] = [];

  async prepare(bytes: Uint8Array) {
    await nextTurn();
    if (bytes.length === 0) throw new UnreadableImageError({ code: 'empty' });
    return { pixelValues: Float32Array.of(bytes[0]!), width: bytes.length, height: 1, notices };
  }

  readonly pieces: EncoderPiece[] = [
    async (values) => {
      this.begun.push(values[0]!);
      return Float32Array.of(values[0]!);
    },
    async ([pixel]) => {
      this.projected.push(pixel!);
      if (pixel === '!'.charCodeAt(0)) throw new Error('out of memory');
      return Float32Array.of(pixel!, 2);
    },
  ];
}

function makeEncoder(cacheBytes = 100, pauseSeconds = Infinity) {
  const networks = new CountingNetworks();
  const hits: boolean[] = [];
  const encoder = new ImageEncoder(
    networks,
    cacheBytes,
    pauseSeconds,
    {
      onGauges: () => {},
      onObservation: (observation) => {
        if (observation.kind === 'embedding-cache') hits.push(observation.hit);
      },
    },
    () => {},
  );
  const encode = (name: string, signal = new AbortController().signal) =>
    encoder.encode(digestOf(name), bytesOf(name), signal);
  const work = async () => {
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    while (await encoder.step());
  };
  return { networks, hits, encoder, encode, work };
}

describe('ImageEncoder', () => {
  it('encodes an image and says what was seen', async () => {
    const { encode, work } = makeEncoder();
    const image = encode('cat');
    await work();
    expect(await image).toEqual({
      features: Float32Array.of('c'.charCodeAt(0), 2),
      width: 3,
      height: 1,
      notices,
      cached: false,
    });
  });

  it('encodes an image once for requests that come at the same time and later', async () => {
    const { networks, hits, encoder, encode, work } = makeEncoder();
    const both = [encode('cat'), encode('cat')];
    await work();
    const images = await Promise.all(both);
    expect(images.map(({ cached }) => cached)).toEqual([false, false]);
    const later = await encoder.encode(digestOf('cat'), undefined, new AbortController().signal);
    expect(later).toMatchObject({ cached: true, features: images[0]!.features, notices });
    expect(networks.projected).toHaveLength(1);
    expect(hits).toEqual([false, false, true]);
  });

  it('forgets the least recently used image when the cache is full', async () => {
    const { encoder, encode, work } = makeEncoder(2 * PROJECTION_BYTES);
    for (const name of ['ant', 'bee']) {
      const image = encode(name);
      await work();
      await image;
    }
    await encode('ant');
    const third = encode('cat');
    await work();
    await third;
    expect(encoder.cachedBytes).toBe(2 * PROJECTION_BYTES);
    const { signal } = new AbortController();
    expect((await encoder.encode(digestOf('ant'), undefined, signal)).cached).toBe(true);
    await expect(encoder.encode(digestOf('bee'), undefined, signal)).rejects.toThrow(
      expect.objectContaining({ code: 'image-not-cached' }),
    );
  });

  it('keeps nothing when the cache has no room', async () => {
    const { networks, encode, work } = makeEncoder(0);
    for (let time = 0; time < 2; time++) {
      const image = encode('cat');
      await work();
      expect((await image).cached).toBe(false);
    }
    expect(networks.projected).toHaveLength(2);
  });

  it('does not run the networks for an image that nobody wants any more', async () => {
    const { networks, encode, work } = makeEncoder();
    const controller = new AbortController();
    void encode('cat', controller.signal);
    controller.abort();
    await work();
    expect(networks.projected).toEqual([]);

    const wantedAgain = encode('cat');
    await work();
    expect((await wantedAgain).cached).toBe(false);
  });

  it('lets other work in between the pieces of the networks when the pause is used up', async () => {
    const { networks, encoder, encode, work } = makeEncoder(100, 1e-9);
    const image = encode('cat');
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    expect(await encoder.step()).toBe(true);
    expect([networks.begun.length, networks.projected.length]).toEqual([1, 0]);
    await work();
    expect(await image).toMatchObject({ width: 3 });
    expect([networks.begun.length, networks.projected.length]).toEqual([1, 1]);
  });

  it('stops between two pieces when nobody wants the image any more', async () => {
    const { networks, encoder, encode } = makeEncoder(100, 1e-9);
    const controller = new AbortController();
    void encode('cat', controller.signal);
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    await encoder.step();
    controller.abort();
    expect(await encoder.step()).toBe(false);
    expect(networks.projected).toEqual([]);
    expect(encoder.pending).toBe(0);
  });

  it('begins no piece that would not fit into the pause, judged by the longest so far', async () => {
    const { networks, encoder, encode, work } = makeEncoder(100, 0.05);
    const { now } = performance;
    let clock = 0;
    performance.now = () => clock;
    try {
      const slow = networks.pieces.map((piece): EncoderPiece => {
        return (values) => {
          clock += 30;
          return piece(values);
        };
      });
      networks.pieces.splice(0, slow.length, ...slow);
      const image = encode('cat');
      for (let turn = 0; turn < 3; turn++) await nextTurn();
      await encoder.step();
      expect([networks.begun.length, networks.projected.length]).toEqual([1, 0]);
      await work();
      expect((await image).width).toBe(3);
    } finally {
      performance.now = now;
    }
  });

  it('still encodes for the one that waits when another leaves', async () => {
    const { encode, work } = makeEncoder();
    const controller = new AbortController();
    void encode('cat', controller.signal);
    const staying = encode('cat');
    controller.abort();
    await work();
    expect((await staying).width).toBe(3);
  });

  it('fails every request for a broken image, and tries again for the next', async () => {
    const { encoder, encode, work } = makeEncoder();
    const both = Promise.allSettled([encode(''), encode('')]);
    await work();
    expect((await both).map((result) => result.status === 'rejected' && result.reason.message)).toEqual([
      'The image file is empty.',
      'The image file is empty.',
    ]);
    await expect(encode('')).rejects.toThrow(UnreadableImageError);
    // Nothing is kept of it.
    const again = encoder.encode(digestOf(''), undefined, new AbortController().signal);
    await expect(again).rejects.toThrow(expect.objectContaining({ code: 'image-not-cached' }));
  });

  it('says that the engine failed when the networks do', async () => {
    const { encode, work } = makeEncoder();
    const outcome = expect(encode('!')).rejects.toThrow(EngineError);
    await work();
    await outcome;
  });
});
