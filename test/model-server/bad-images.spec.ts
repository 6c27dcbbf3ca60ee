import { crc32, deflateSync } from 'node:zlib';

import sharp from 'sharp';

import { createModelClient, imageFromBytes, type ModelClient } from '#libs/client';
import { startEngine } from '#libs/engine';

import { sceneImage } from './emoji-scenes.js';
import { type RunningServer, runServer } from './running-server.js';

const nano = new URL('../../models/nano', import.meta.url).pathname;

let server: RunningServer;
let client: ModelClient;

beforeAll(async () => {
  server = await runServer((metrics) =>
    startEngine({ modelPath: nano, device: 'cpu' }, { statistics: metrics }),
  );
  client = createModelClient({ address: server.address });
  await client.waitUntilReady();
});

afterAll(async () => {
  client.close();
  await server.close();
});

/** A PNG file whose header claims a size, with next to no picture in it. */
function pngOfSize(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(Buffer.alloc(0))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, checksum]);
}

/** As a prompt's image and as an image to encode. */
const faces = {
  generate: {
    send: (bytes: Uint8Array) =>
      client.generateOnce({
        segments: [
          { kind: 'text', text: 'This is a picture: ' },
          { kind: 'image', image: imageFromBytes(bytes) },
        ],
        maxNewTokens: 1,
      }),
    field: 'segments[1].image.data',
  },
  encode: { send: (bytes: Uint8Array) => client.encodeImage(bytes), field: 'data' },
};

describe.each(Object.entries(faces))(
  'an image that cannot be read is refused (%s)',
  (_name, { send, field }) => {
    it('when it is cut off, and the field that holds it is named', async () => {
      const whole = sceneImage('scenes/0000.png');
      await expect(send(whole.subarray(0, whole.length / 2))).rejects.toMatchObject({
        code: 'INVALID_IMAGE',
        status: 3,
        violations: [{ field }],
      });
    });

    it('when it is text under the name of an image', async () => {
      await expect(send(Buffer.from('Dear diary, today I am a PNG.'))).rejects.toMatchObject({
        code: 'INVALID_IMAGE',
        status: 3,
      });
    });

    it('when one of its sides is too long, with both named, in words and in numbers', async () => {
      const failure = send(pngOfSize(1, 300_000));
      await expect(failure).rejects.toThrow('1 × 300000 pixels');
      await expect(failure).rejects.toMatchObject({
        imageFault: { code: 'sides-too-long', width: 1, height: 300_000 },
      });
    });

    it('when it is of a format that is not read, by its name', async () => {
      const failure = send(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'));
      await expect(failure).rejects.toMatchObject({
        code: 'INVALID_IMAGE',
        imageFault: { code: 'unsupported-format', format: 'svg' },
        message: expect.stringMatching(/SVG/),
      });
    });

    it('when it has more pixels than the server accepts, with the limit named', async () => {
      const failure = send(pngOfSize(30_000, 30_000));
      await expect(failure).rejects.toMatchObject({ code: 'INVALID_IMAGE', status: 3 });
      await expect(failure).rejects.toThrow(/30,?000.*50,?000,?000/);
    });
  },
);

describe('an animation', () => {
  it('is seen by its first frame, and the reply says so', async () => {
    const frame = (name: string) => sharp(sceneImage(name)).raw().toBuffer();
    const frames = [await frame('scenes/0000.png'), await frame('scenes/0001.png')];
    const animation = await sharp(Buffer.concat(frames), {
      raw: { width: 112, height: 224, channels: 3, pageHeight: 112 },
    })
      .gif({ delay: [100, 100] })
      .toBuffer();
    const reply = await faces.generate.send(animation);
    expect(reply.notices).toEqual(['first-frame-only']);
  });
});
