import sharp from 'sharp';

import type { DecoderReply } from '../decoder/messages.js';
import { DecoderChild, type Ended } from './decoder-child.js';
import { DecoderPool } from './decoder-pool.js';

const size = { kind: 'inspect' } as const;
const square = { kind: 'square', shape: { side: 8, fit: { kind: 'stretch' } } } as const;
const plenty = () => ({ seconds: 600, bytes: 2 ** 40 });

const png = () =>
  sharp({ create: { width: 300, height: 200, channels: 3, background: 'teal' } })
    .png()
    .toBuffer();

describe('the decoder process', () => {
  it('has no decoders but the promised ones', async () => {
    const pool = new DecoderPool(1, plenty);
    const drawing = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    // As if the sniffer had been deceived: here, where nothing is blocked, libvips would draw it.
    await expect(sharp(drawing).metadata()).resolves.toMatchObject({ format: 'svg' });
    await expect(pool.decode(drawing, 'png', 1_000, size)).rejects.toMatchObject({
      fault: { code: 'damaged' },
    });
    await expect(pool.decode(await png(), 'png', 60_000, size)).resolves.toMatchObject({ width: 300 });
  });

  it.each(['time', 'memory'] as const)(
    'is ended when a decode takes too much %s, and the next is a new one',
    async (resource) => {
      let budget = resource === 'time' ? { ...plenty(), seconds: 0 } : { ...plenty(), bytes: -(2 ** 40) };
      const pool = new DecoderPool(1, () => budget);
      const bytes = await png();
      await expect(pool.decode(bytes, 'png', 60_000, square)).rejects.toMatchObject({
        fault: { code: 'too-costly', resource },
      });
      budget = plenty();
      await expect(pool.decode(bytes, 'png', 60_000, square)).resolves.toMatchObject({
        width: 300,
        height: 200,
      });
    },
  );

  it('is ended from outside when it hangs', async () => {
    const child = new DecoderChild();
    const request = {
      bytes: await png(),
      format: 'png',
      maxPixels: 60_000,
      budget: plenty(),
      task: square,
    } as const;
    await expect(child.ask(request, 0)).resolves.toEqual({ kind: 'over-budget', resource: 'time' });
    expect(child.isAlive).toBe(false);
  });
});

describe('the pool of decoders', () => {
  /** Decoders that answer when the test says so. */
  function scriptedPool(atOnce: number) {
    const asked: ((reply: DecoderReply | Ended) => void)[] = [];
    let alive = 0;
    const pool = new DecoderPool(atOnce, plenty, () => {
      alive++;
      return { isAlive: true, ask: () => new Promise((resolve) => asked.push(resolve)), end: () => alive-- };
    });
    return { asked, pool, alive: () => alive };
  }
  const decoded: DecoderReply = { kind: 'decoded', image: { width: 1, height: 1, notices: [] } };
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it('decodes only so many at once, and the others in their order', async () => {
    const { asked, pool, alive } = scriptedPool(2);
    const done: number[] = [];
    const all = [0, 1, 2, 3].map((index) =>
      pool.decode(Buffer.of(), 'png', 1, size).then(() => done.push(index)),
    );
    await turn();
    expect(asked).toHaveLength(2);
    for (let index = 0; index < 4; index++) {
      asked[index]!(decoded);
      await turn();
    }
    await Promise.all(all);
    expect(done).toEqual([0, 1, 2, 3]);
    expect(alive()).toBe(2);
  });

  it('blames the file when the decoder breaks down over it, and goes on', async () => {
    const { asked, pool } = scriptedPool(1);
    const first = pool.decode(Buffer.of(), 'gif', 1, size);
    await turn();
    asked[0]!({ kind: 'ended', how: 'was ended by SIGSEGV', byItself: false });
    await expect(first).rejects.toMatchObject({ fault: { code: 'damaged', format: 'gif' } });
    const second = pool.decode(Buffer.of(), 'gif', 1, size);
    await turn();
    asked[1]!(decoded);
    await expect(second).resolves.toMatchObject({ width: 1 });
  });

  it('asks another decoder when one had ended by itself, idle for long', async () => {
    const { asked, pool } = scriptedPool(1);
    const image = pool.decode(Buffer.of(), 'gif', 1, size);
    await turn();
    asked[0]!({ kind: 'ended', how: 'ended with code 0', byItself: true });
    await turn();
    asked[1]!(decoded);
    await expect(image).resolves.toMatchObject({ width: 1 });
  });
});
