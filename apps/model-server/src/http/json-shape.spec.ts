import { JsonShape, type StringBounds } from './json-shape.js';

/** Texts of 10 bytes, 45 in all, and images of 100, which begin with "data:". */
const bounds: StringBounds = {
  text: 10,
  texts: 45,
  image: 100,
  requireImage: (beginning, path) => {
    if (!beginning.startsWith('data:')) throw new Error(`${path.join('.')} is no image: ${beginning}`);
  },
  textsTooLong: () => new Error('too much text'),
};
const unbounded: StringBounds = {
  ...bounds,
  text: Number.POSITIVE_INFINITY,
  texts: Number.POSITIVE_INFINITY,
};

/** Takes JSON in chunks of so many bytes. */
function check(json: string, { strings = unbounded, chunk = json.length } = {}): void {
  const shape = new JsonShape({ ...strings, image: strings === unbounded ? Infinity : strings.image });
  const bytes = Buffer.from(json);
  for (let at = 0; at < bytes.length; at += chunk) shape.take(bytes.subarray(at, at + chunk));
}

it.each([
  ['a list', `${'['.repeat(65)}${']'.repeat(65)}`],
  ['an object', `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`],
  ['a body that is cut off', '['.repeat(65)],
])('refuses %s nested too deeply', (_name, json) => {
  expect(() => check(json)).toThrow('nested more than 64 levels');
});

it('refuses more elements than a request can need', () => {
  expect(() => check(`[${'0,'.repeat(100_001)}0]`)).toThrow('more than 100000 members');
});

describe.each([1, 2, 3, 7, 1_000])('a string in chunks of %i bytes', (chunk) => {
  const bounded = (value: unknown) => check(JSON.stringify(value), { strings: bounds, chunk });

  it('that is longer than a text and no image is refused by its place', () => {
    const body = { a: [0, { 'b"\\': ['x'], c: ['"', 'y'.repeat(11)] }] };
    expect(() => bounded(body)).toThrow('a.1.c.1 is no image: yyy');
    expect(() => bounded({ a: { '[,{': 'ok' }, 'say "so"': 'z'.repeat(11) })).toThrow(/^say \\"so\\" is no/);
    expect(() => bounded({ ['k'.repeat(11)]: 1 })).toThrow('is no image');
  });

  it('that is refused is refused before its end', () => {
    expect(() => check(`["${'a'.repeat(2_000)}`, { strings: bounds, chunk })).toThrow('is no image');
  });

  it('that is an image may be as long as one, beside texts', () => {
    const image = `data:${'\\'.repeat(20)}`;
    bounded(Array(9).fill(image));
    bounded(['a'.repeat(10), 'b'.repeat(10), image]);
    expect(() => bounded([0, `data:${'a'.repeat(96)}`])).toThrow('1: It has more than 100 bytes.');
  });

  it('adds to what all texts may have', () => {
    bounded(Array(9).fill('aaaaa'));
    expect(() => bounded([...Array(9).fill('aaaaa'), 'a'])).toThrow('too much text');
  });
});

describe.each([3, 100_000_000])('in chunks of %i bytes', (chunk) => {
  it.each([
    ['what is nested as far as it may be', `${'['.repeat(64)}${']'.repeat(64)}`],
    ['brackets and commas in a string', JSON.stringify('[{,'.repeat(100_000))],
    ['a string that ends in a backslash', JSON.stringify(['\\', '[,'.repeat(100_000)])],
    ['a string with quotes and backslashes', JSON.stringify('\\"\\\\"[{'.repeat(100_000))],
    ['many elements side by side at one level', JSON.stringify(Array(1_000).fill([{}]))],
    ['a string that does not end', `"${'['.repeat(100)}`],
    ['more ends than beginnings', `]}${'}'.repeat(100)}`],
  ])('takes %s', (_name, json) => {
    expect(() => check(json, { chunk })).not.toThrow();
  });
});
