import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';

import { ByteBudget } from '../chat/byte-budget.js';
import { readJsonBodies } from './json-body.js';

const bounds = {
  text: 1_000,
  texts: 2_000,
  image: 3_000,
  requireImage: () => {},
  textsTooLong: () => new Error('long'),
};

interface Sent {
  readonly chunks?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly isJson?: boolean;
}

/** What becomes of a request of these chunks. */
async function taken(
  { chunks = ['{"a":', '1}'], headers = {}, isJson = true }: Sent = {},
  limit = 1_000,
  maxBytes = 10,
) {
  const budget = new ByteBudget(limit);
  const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  const request = Object.assign(stream, { headers, is: () => isJson, body: undefined as unknown });
  const response = new EventEmitter();
  let resumed = false;
  const { resume } = stream;
  stream.resume = () => {
    resumed = true;
    return resume.call(stream);
  };
  const said = await new Promise((resolve) => {
    const handler = readJsonBodies(maxBytes, budget, () => bounds as never);
    void handler(request as never, response as never, resolve);
  });
  const has = (bytes: number) => {
    try {
      budget.take(limit - bytes);
      budget.give(limit - bytes);
      budget.take(limit - bytes + 1);
      budget.give(limit - bytes + 1);
      return false;
    } catch {
      return true;
    }
  };
  return { said, body: request.body, response, has, resumed };
}

describe('a body of JSON', () => {
  it('is read, and its bytes count until the response is closed', async () => {
    const { said, body, has, response, resumed } = await taken();
    expect([said, body, resumed]).toEqual([undefined, { a: 1 }, false]);
    expect(has(7)).toBe(true);
    response.emit('close');
    expect(has(7)).toBe(false);
  });

  it('of another kind is left to others', async () => {
    const { said, body } = await taken({ isJson: false });
    expect([said, body]).toEqual([undefined, undefined]);
  });

  it('may be as large as allowed, and is refused when it says more or has more', async () => {
    const tooLarge = { message: 'The body is larger than 7 bytes. Send fewer or smaller images.' };
    expect((await taken({}, 1_000, 7)).body).toEqual({ a: 1 });
    expect((await taken({ headers: { 'content-length': '7' } }, 1_000, 7)).body).toEqual({ a: 1 });
    expect((await taken({ headers: { 'content-length': '8' } }, 1_000, 7)).said).toMatchObject(tooLarge);
    const more = await taken({ chunks: ['{"a":', '11}'] }, 1_000, 7);
    expect(more.said).toMatchObject(tooLarge);
    // The rest is let through, so that the answer arrives.
    expect(more.resumed).toBe(true);
    expect(more.has(5)).toBe(true);
  });

  it('waits for others where all at work hold as much as they may', async () => {
    expect((await taken({}, 6)).said).toMatchObject({ code: 'requests-too-large' });
    expect((await taken({}, 7)).said).toBeUndefined();
  });

  it('that is compressed is refused; one that says it is not is read', async () => {
    expect((await taken({ headers: { 'content-encoding': 'gzip' } })).said).toMatchObject({
      message: 'The body is compressed (gzip). Send it as it is: pictures are compressed already.',
    });
    expect((await taken({ headers: { 'content-encoding': 'identity' } })).body).toEqual({ a: 1 });
  });

  it('that is none says so', async () => {
    const { said } = await taken({ chunks: ['{"a":1'] });
    expect(said).toMatchObject({ message: expect.stringContaining('The body is not JSON') });
  });
});
