import { decodeText, parseForeignJson } from './index.js';

const bigEndian = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16();

describe('text of other programs', () => {
  it.each([
    ['UTF-8', Buffer.from('Käse 🧀')],
    ['UTF-8 with a byte order mark', Buffer.from('\ufeffKäse 🧀')],
    ['UTF-16, little-endian', Buffer.from('\ufeffKäse 🧀', 'utf16le')],
    ['UTF-16, big-endian', bigEndian('Käse 🧀')],
  ])('is read in %s', (_, bytes) => {
    expect(decodeText(bytes)).toBe('Käse 🧀');
  });

  it('is refused where it is none', () => {
    expect(() => decodeText(Buffer.from([0x4b, 0xe4, 0x73, 0x65]))).toThrow(
      /not text in UTF-8; save it as UTF-8/,
    );
  });
});

describe('JSON of other programs', () => {
  it('may hold numbers that are none, as Python writes them', () => {
    const json = '{"caption": "a NaN bread", "score": NaN, "low": -Infinity, "ratio": 1e-3}';
    expect(parseForeignJson(Buffer.from(json))).toEqual({
      caption: 'a NaN bread',
      score: Number.NaN,
      low: Number.NEGATIVE_INFINITY,
      ratio: 0.001,
    });
  });

  it('may begin with a byte order mark', () => {
    expect(parseForeignJson(bigEndian('{"a": 1}'))).toEqual({ a: 1 });
  });

  it.each(['', '{"a": ', '{"a": NaN, ', 'caption: a cat', "{'a': 1}"])(
    'is refused where it is none: %s',
    (text) => {
      expect(() => parseForeignJson(Buffer.from(text))).toThrow(/not JSON/);
    },
  );
});
