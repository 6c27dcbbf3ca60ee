import sharp from 'sharp';

import { read, solid, tiff } from '../../../../test/support/decoded-image.js';

describe('a picture of 16 bits', () => {
  const deep = (values: readonly number[]) =>
    sharp(Uint16Array.from(values), {
      raw: { width: values.length / 3, height: 1, channels: 3 },
    }).toColourspace('rgb16');

  it('keeps its colours where it has a profile', async () => {
    const bytes = await deep([65_535, 0, 0, 0, 65_535, 0]).withIccProfile('srgb').png().toBuffer();
    expect((await sharp(bytes).metadata()).hasProfile).toBe(true);
    const { colour } = await read(bytes, { side: 2 });
    expect([colour(0), colour(1)]).toEqual([
      [255, 0, 0],
      [0, 255, 0],
    ]);
  });

  it('keeps its greys where it has a profile', async () => {
    const coloured = await solid('red').withIccProfile('srgb').png().toBuffer();
    const profile = (await sharp(coloured).metadata()).icc!;
    const samples = Buffer.from(Uint16Array.from([0, 32_896, 65_535, 65_535]).buffer);
    const file = tiff(samples, 16, { 34675: 0 });
    // The last tag names the profile, which follows the samples.
    const entry = 10 + (file.readUInt16LE(8) - 1) * 12;
    file.writeUInt16LE(7, entry + 2);
    file.writeUInt32LE(profile.length, entry + 4);
    file.writeUInt32LE(file.length, entry + 8);
    const bytes = Buffer.concat([file, profile]);
    expect(await sharp(bytes).metadata()).toMatchObject({ hasProfile: true, space: 'grey16' });
    const { colour } = await read(bytes);
    expect([colour(0), colour(1), colour(3)]).toEqual([
      [0, 0, 0],
      [128, 128, 128],
      [255, 255, 255],
    ]);
  });

  it.each([
    [10, 'tiff'],
    [12, 'tiff'],
    [14, 'tiff'],
    [12, 'png'],
    [14, 'png'],
  ] as const)('is brightened, which is said, when it uses %i of its bits: %s', async (bits, format) => {
    const white = 2 ** bits - 1;
    const half = 2 ** (bits - 1);
    const bytes = await deep([white, 0, half, white, 0, half])
      .toFormat(format, { compression: 'lzw' })
      .toBuffer();
    const { first, notices } = await read(bytes);
    expect({ first, notices }).toEqual({ first: [255, 0, 128], notices: ['brightened'] });
  });

  it('stays as it is when it is dark and uses one of its two highest bits', async () => {
    const { first, notices } = await read(
      await deep([0, 16_448, 0, 0, 16_448, 0]).tiff({ compression: 'lzw' }).toBuffer(),
    );
    expect({ first, notices }).toEqual({ first: [0, 64, 0], notices: [] });
  });
});

describe('a TIFF file of numbers without a range of their own', () => {
  const floats = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer);
  const wholes = (...values: number[]) => Buffer.from(Int32Array.from(values).buffer);

  /** The same samples as reds, greens and blues. */
  function coloured(samples: Buffer): Buffer {
    const file = tiff(samples, 32, { 256: samples.length / 12, 262: 2, 277: 3, 339: 3 });
    const formatEntry = file.indexOf(Buffer.from([0x53, 0x01, 4, 0]));
    const bitsEntry = file.indexOf(Buffer.from([0x02, 0x01, 4, 0]));
    const lists = Buffer.from(Uint16Array.of(32, 32, 32, 3, 3, 3).buffer);
    for (const [entry, at] of [
      [bitsEntry, file.length],
      [formatEntry, file.length + 6],
    ] as const) {
      file.writeUInt16LE(3, entry + 2);
      file.writeUInt32LE(3, entry + 4);
      file.writeUInt32LE(at, entry + 8);
    }
    return Buffer.concat([file, lists]);
  }

  it('is read as shades where they are floating-point numbers from 0 to 1, as other programs show them', async () => {
    const { pixels, notices } = await read(
      tiff(floats(0, 0.25, 0.5, 1), 32, { 256: 2, 257: 2, 278: 2, 339: 3 }),
      {
        side: 2,
      },
    );
    expect({ greys: pixels.filter((_, at) => at % 3 === 0), notices }).toEqual({
      greys: [0, 64, 128, 255],
      notices: [],
    });
  });

  it('is not taken for linear light where they are reds, greens and blues', async () => {
    const { first, notices } = await read(coloured(floats(1, 0.5, 0)));
    expect({ first, notices }).toEqual({ first: [255, 128, 0], notices: [] });
  });

  it.each([
    ['heights with a hole', floats(Number.NaN, -10, 10, 30), 3, [0, 0, 128, 255]],
    ['light beyond white', floats(0, 2, 4, Infinity), 3, [0, 128, 255, 255]],
    ['signed whole numbers', wholes(-100, 0, 100, -100), 2, [0, 128, 255, 0]],
    ['numbers of labels', wholes(0, 1, 2, 1), 1, [0, 128, 255, 128]],
  ])('is spread from black to white otherwise, which is said: %s', async (_what, samples, format, greys) => {
    const bytes = tiff(samples, 32, { 256: 2, 257: 2, 278: 2, 339: format });
    const { pixels, notices } = await read(bytes, { side: 2 });
    expect({ greys: pixels.filter((_, at) => at % 3 === 0), notices }).toEqual({
      greys,
      notices: ['values-spread'],
    });
  });

  it('is black where nothing was measured', async () => {
    const { first } = await read(tiff(floats(Number.NaN), 32, { 339: 3 }));
    expect(first).toEqual([0, 0, 0]);
  });
});
