import { readFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';

import sharp from 'sharp';

import { read, solid, tiff, type Wish } from '../../../../test/support/decoded-image.js';
import { type ImageFault, type ImageNotice, UnreadableImageError } from '../image-fault.js';
import { stillsOfAnimation } from '../read-image.js';

const files = new URL('../../../../test/fixtures/images/', import.meta.url);
const fixture = (name: string) => readFileSync(new URL(name, files));

async function faultOf(bytes: Uint8Array, wish?: Wish): Promise<ImageFault> {
  const error = await read(bytes, wish).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (error instanceof UnreadableImageError) return error.fault;
  throw new Error('The image was not refused.', { cause: error });
}

function pngChunk(type: string, data: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, checksum]);
}

/** A PNG file that promises a size and has next to nothing in it. */
function pngOfSize(width: number, height: number, ...ahead: Buffer[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    ...ahead,
    pngChunk('IDAT', deflateSync(Buffer.alloc(0))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The file without the colours that it names, as many programs leave them out. */
function withoutColourBox(avif: Buffer): Buffer {
  const file = Buffer.from(avif);
  for (let at = file.indexOf('colr'); at >= 0; at = file.indexOf('colr')) file.write('free', at, 'latin1');
  return file;
}

describe('an image that is too large', () => {
  it.each([
    ['very tall', 1, 300_000],
    ['very wide', 65_536, 1],
  ])('is refused by its header, with both sides named: %s', async (_what, width, height) => {
    const refused = read(pngOfSize(width, height));
    await expect(refused).rejects.toMatchObject({ fault: { code: 'sides-too-long', width, height } });
    await expect(refused).rejects.toThrow(`${width} × ${height} pixels`);
  });

  it('is refused when its half-resized pixels would take more than 64 MiB', async () => {
    const fault = { code: 'sides-too-long', width: 1, height: 60_000 };
    expect(await faultOf(pngOfSize(1, 60_000), { side: 448 })).toEqual(fault);
  });

  it('is refused when it has more pixels than are accepted', async () => {
    const fault = { code: 'too-many-pixels', width: 300, height: 200, most: 59_999 };
    expect(await faultOf(pngOfSize(300, 200), { maxPixels: 59_999 })).toEqual(fault);
  });
});

describe('the first of several frames or pages', () => {
  const frames = () => Promise.all(['red', 'blue'].map((colour) => solid(colour).png().toBuffer()));
  const animation = async () => sharp(await frames(), { join: { animated: true } });

  it.each<['gif' | 'webp' | 'tiff', ImageNotice]>([
    ['gif', 'first-frame-only'],
    ['webp', 'first-frame-only'],
    ['tiff', 'first-page-only'],
  ])('is read, and said to be the first: %s', async (format, notice) => {
    const bytes = await (await animation())
      .toFormat(format, { lossless: true, compression: 'lzw' })
      .toBuffer();
    const { first, notices } = await read(bytes);
    expect({ first, notices }).toEqual({ first: [255, 0, 0], notices: [notice] });
  });

  it('is read of a GIF without a look at the others', async () => {
    const bytes = await (await animation()).gif().toBuffer();
    const second = bytes.indexOf(0x2c, bytes.indexOf(0x2c, 13) + 10);
    // From where the second frame begins, nothing but a frame that no decoder could read.
    const broken = Buffer.concat([bytes.subarray(0, second), Buffer.from([0x2c, ...Array(200).fill(0xff)])]);
    expect((await read(broken)).first).toEqual([255, 0, 0]);
  });

  it('is read of a TIFF without a look at the others', async () => {
    const page = await solid('red').removeAlpha().tiff({ compression: 'none' }).toBuffer();
    const directory = page.readUInt32LE(4);
    // The next page lies outside of the file.
    page.writeUInt32LE(0x7fffffff, directory + 2 + page.readUInt16LE(directory) * 12);
    const { first, notices } = await read(page);
    expect({ first, notices }).toEqual({ first: [255, 0, 0], notices: ['first-page-only'] });
  });

  it.each(['gif', 'webp'] as const)(
    'is one of the stills from the beginning, the middle and the end: %s',
    async (format) => {
      const colours = ['red', 'lime', 'blue', 'yellow', 'black'];
      const drawn = await Promise.all(colours.map((colour) => solid(colour).png().toBuffer()));
      const bytes = await sharp(drawn, { join: { animated: true } })
        .toFormat(format, { lossless: true })
        .toBuffer();
      const stillsOf = async (most: number) => {
        const stills = await stillsOfAnimation(bytes, { maxPixels: 1_000, most });
        return Promise.all(stills.map(async (still) => (await read(still)).first));
      };
      const [red, blue, black] = [
        [255, 0, 0],
        [0, 0, 255],
        [0, 0, 0],
      ];
      expect(await stillsOf(3)).toEqual([red, blue, black]);
      expect(await stillsOf(2)).toEqual([red, black]);
      expect(await stillsOf(1)).toEqual([]);
    },
  );

  it('is the only one of an animation with more pixels than are decoded for its last', async () => {
    const still = await solid('red', 2_000, 2_000).removeAlpha().gif().toBuffer();
    // After header, colours and what stands ahead of all frames; before the trailer.
    const frame = still.subarray(13 + 3 * 2 ** ((still[10]! & 7) + 1), -1);
    const ahead = still.subarray(0, still.length - 1 - frame.length);
    const animated = (frames: number) =>
      Buffer.concat([ahead, ...Array.from({ length: frames }, () => frame), Buffer.of(0x3b)]);
    const limits = { maxPixels: 50_000_000, most: 2 };
    expect(await stillsOfAnimation(animated(2), limits)).toHaveLength(2);
    expect(await stillsOfAnimation(animated(51), limits)).toEqual([]);
  });

  it('is said to be the first of an animated PNG, which decoders take for a plain one', async () => {
    const plain = await solid('red').png().toBuffer();
    const control = pngChunk('acTL', Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]));
    const animated = Buffer.concat([plain.subarray(0, 33), control, plain.subarray(33)]);
    expect((await read(animated)).notices).toEqual(['first-frame-only']);
    expect((await read(plain)).notices).toEqual([]);
  });

  it('is read of an animated AVIF, whose brand libheif does not know', async () => {
    const { first, notices } = await read(fixture('animated.avif'));
    expect(Math.min(...first)).toBeGreaterThan(230);
    expect(notices).toEqual(['first-frame-only']);
  });

  it('lies on the ground where it does not cover all of a GIF', async () => {
    const bytes = await solid('red').removeAlpha().gif().toBuffer();
    // The canvas twice as wide as the frame.
    bytes.writeUInt16LE(16, 6);
    const { first, last } = await read(bytes);
    expect([first, last]).toEqual([
      [255, 0, 0],
      [255, 255, 255],
    ]);
  });
});

describe('a picture with transparency', () => {
  const drawn = (colour: string) =>
    sharp({ create: { width: 8, height: 8, channels: 4, background: '#0000' } })
      .composite([
        { input: { create: { width: 4, height: 8, channels: 4, background: colour } }, left: 0, top: 0 },
      ])
      .png()
      .toBuffer();

  it.each([
    ['white', 0],
    ['#ffffc0', 0],
    ['black', 255],
    ['#808080', 255],
    ['yellow', 255],
  ])(
    'lies on white, or on black where hardly anything would be seen on white: %s',
    async (colour, ground) => {
      expect((await read(await drawn(colour))).last).toEqual([ground, ground, ground]);
    },
  );

  it('lies on white when it is all transparent', async () => {
    expect((await read(await solid('#0000').png().toBuffer())).first).toEqual([255, 255, 255]);
  });

  it('lies on white when it is a photograph with round corners', async () => {
    const noise = sharp({
      create: {
        width: 64,
        height: 64,
        channels: 3,
        background: 'white',
        noise: { type: 'gaussian', mean: 200, sigma: 40 },
      },
    });
    const mask = Buffer.from(Array.from({ length: 64 * 64 }, (_, at) => (at % 64 < 3 ? 0 : 255)));
    const bytes = await noise
      .joinChannel(mask, { raw: { width: 64, height: 64, channels: 1 } })
      .png()
      .toBuffer();
    expect((await read(bytes, { side: 64 })).first).toEqual([255, 255, 255]);
  });
});

describe('a file that would come out blank or wrong', () => {
  it('is brightened, which is said: a mask of zeros and ones in 8 bits', async () => {
    const raw = { width: 2, height: 2, channels: 1 } as const;
    const bytes = await sharp(Uint8Array.from([0, 1, 0, 1]), { raw })
      .png()
      .toBuffer();
    const { first, last, notices } = await read(bytes, { side: 2 });
    expect({ first, last, notices }).toEqual({
      first: [0, 0, 0],
      last: [255, 255, 255],
      notices: ['brightened'],
    });
  });

  it('is not black in silence: where nothing but black comes out, that is said', async () => {
    const raw = { width: 2, height: 2, channels: 3 } as const;
    const tiff = await sharp(new Uint8Array(12), { raw }).tiff().toBuffer();
    await expect(read(tiff)).resolves.toMatchObject({ first: [0, 0, 0], notices: ['all-black'] });
  });

  it('is read right: grey AVIF of limited range', async () => {
    const { first, last, notices } = await read(fixture('grey-limited-range.avif'));
    expect({ first, last, notices }).toEqual({ first: [0, 0, 0], last: [255, 255, 255], notices: [] });
  });

  it('is read right: grey AVIF whose range is told by its AV1 stream alone', async () => {
    const limited = withoutColourBox(fixture('grey-limited-range.avif'));
    const full = Buffer.from(limited);
    // The last bit of the sequence header's eighth byte is the range.
    const header = full.indexOf(Buffer.from('0a09', 'hex')) + 2;
    full.writeUInt8(full.readUInt8(header + 7) | 1, header + 7);
    const levels = async (bytes: Buffer) => {
      const { first, last } = await read(bytes);
      return [first[0], last[0]];
    };
    expect(await levels(limited)).toEqual([0, 255]);
    // Sharpened where they meet, by the filter of the resize.
    expect(await levels(full)).toEqual([13, 238]);
  });

  it.each([
    ['JPEG of the old style in TIFF', tiff(Buffer.from([1, 2, 3, 4]), 8, { 259: 6 }), 'tiff-old-jpeg'],
    [
      'TIFF of floating-point numbers of half the length',
      tiff(Buffer.alloc(16), 16, { 339: 3 }),
      'tiff-float',
    ],
    ['TIFF of floating-point numbers of double length', tiff(Buffer.alloc(16), 64, { 339: 3 }), 'tiff-float'],
    ['TIFF of samples of 12 bits', tiff(Buffer.alloc(12), 12), 'tiff-bits'],
    ['TIFF of complex numbers', tiff(Buffer.alloc(16), 32, { 339: 5 }), 'tiff-complex'],
  ])('is refused by its name: %s', async (_name, bytes, kind) => {
    expect(await faultOf(bytes)).toEqual({ code: 'unsupported-kind', kind });
  });

  it('is refused by its name: an animated AVIF without a still picture in it', async () => {
    const file = fixture('animated.avif');
    file.write('free', file.indexOf('pitm'), 'latin1');
    expect(await faultOf(file)).toEqual({ code: 'unsupported-kind', kind: 'avif-sequence' });
  });

  it('is refused as damaged when its picture is missing', async () => {
    expect(await faultOf(pngOfSize(20, 20))).toEqual({ code: 'damaged', format: 'png' });
  });
});

/** Of the picture in the fixtures: the greens, blues and reds of its corners, within what JPEG makes of them. */
const upright = ['green', 'blue', 'red', 'blue'];
const hueOf = ([red = 0, green = 0, blue = 0]: readonly number[]) => {
  const largest = Math.max(red, green, blue);
  const smallest = Math.min(red, green, blue);
  if (largest - smallest < 40) return largest > 230 ? 'white' : largest < 20 ? 'black' : 'grey';
  return red === largest ? 'red' : green === largest ? 'green' : 'blue';
};

describe('files as other programs write them', () => {
  it.each<[name: string, corners: readonly string[], notices?: readonly ImageNotice[]]>([
    ['rgb.png', upright],
    ['rgb.jpg', upright],
    ['palette.png', upright],
    ['p3.png', upright],
    ['bad-icc.jpg', upright],
    ['cmyk.jpg', upright],
    ['extraneous.jpg', upright],
    ['samsung-sos.jpg', upright],
    ['trailing.jpg', upright],
    ['big.tif', upright],
    ['jpeg.tif', upright],
    ['hdr10.avif', upright],
    ['crc-iend.png', upright],
    ['crc-ihdr.png', upright, ['partly-damaged']],
    ['no-eoi.jpg', upright, ['partly-damaged']],
    ['cut.jpg', ['green', 'blue', 'grey', 'grey'], ['partly-damaged']],
    ['exif1.jpg', upright],
    ['exif3.jpg', ['blue', 'red', 'blue', 'green']],
    ...['exif6.jpg', 'exif6.png', 'exif6.webp', 'exif6.tiff', 'exif6.avif', 'exif6-irot.avif'].map(
      (name): [string, string[]] => [name, ['red', 'green', 'blue', 'blue']],
    ),
    ['exif8.jpg', ['blue', 'blue', 'green', 'red']],
    ['gray16.png', ['grey', 'grey', 'grey', 'grey']],
    ['grey-rgb-icc.jpg', ['grey', 'grey', 'grey', 'grey']],
    ['grey-rgb-icc.png', ['grey', 'grey', 'grey', 'grey']],
    ...['transparent.png', 'transparent-palette.png', 'transparent.webp', 'transparent.avif'].map(
      (name): [string, string[]] => [name, ['white', 'red', 'white', 'red']],
    ),
    ['anim.gif', ['red', 'red', 'red', 'red'], ['first-frame-only']],
    ['anim.webp', ['red', 'red', 'red', 'red'], ['first-frame-only']],
  ])('are read as a person sees them: %s', async (name, corners, notices = []) => {
    const image = await read(fixture(name));
    expect([0, 3, 12, 15].map((index) => hueOf(image.colour(index)))).toEqual(corners);
    expect(image.notices).toEqual(notices);
    expect([image.width, image.height].toSorted((a, b) => a - b)).toEqual([120, 160]);
  });

  it('are refused when more than half of the picture is missing', async () => {
    expect(await faultOf(fixture('cut.png'))).toEqual({ code: 'damaged', format: 'png' });
  });
});
