/** What an AV1 stream says of its colours. */
export interface Av1Colours {
  readonly monochrome: boolean;
  /** Levels from 0 to 255, not from 16 to 235. */
  readonly fullRange: boolean;
}

/** Types of OBUs, the units an AV1 stream is made of (AV1 Bitstream & Decoding Process Specification, 6.2.2). */
const SEQUENCE_HEADER = 1;

/** The colours of a stream by its sequence header, which stands at its beginning; nothing of what is no such stream. */
export function readAv1Colours(stream: Buffer): Av1Colours | undefined {
  let at = 0;
  // A temporal delimiter may stand ahead.
  for (let units = 0; units < 3 && at + 2 < stream.length; units++) {
    const [header, following] = [stream[at]!, stream[at + 1]!];
    const [hasExtension, hasSize] = [(header & 4) !== 0, (header & 2) !== 0];
    if ((header & 0x81) !== 0 || hasExtension || !hasSize || following > 127) return undefined;
    const begin = at + 2;
    if (((header >> 3) & 15) === SEQUENCE_HEADER) return coloursOf(stream.subarray(begin, begin + following));
    at = begin + following;
  }
  return undefined;
}

/** Reads a sequence header as far as its colours (5.5.1 to 5.5.2). */
function coloursOf(header: Buffer): Av1Colours | undefined {
  const bits = new BitReader(header);
  const profile = bits.number(3);
  bits.skip(1);
  const isReduced = bits.flag();
  if (isReduced) bits.skip(5);
  else skipOperatingPoints(bits);
  const [widthBits, heightBits] = [bits.number(4) + 1, bits.number(4) + 1];
  bits.skip(widthBits + heightBits);
  if (!isReduced && bits.flag()) bits.skip(7);
  bits.skip(3);
  if (!isReduced) skipInterTools(bits);
  bits.skip(3);
  const highBitDepth = bits.flag();
  if (profile === 2 && highBitDepth) bits.skip(1);
  const monochrome = profile !== 1 && bits.flag();
  const hasDescription = bits.flag();
  const description = hasDescription ? [bits.number(8), bits.number(8), bits.number(8)] : [];
  // sRGB is always of full range, and says nothing of it.
  const fullRange = (!monochrome && description.join() === '1,13,0') || bits.flag();
  return bits.isOver ? undefined : { monochrome, fullRange };
}

function skipOperatingPoints(bits: BitReader): void {
  let delayBits = 0;
  if (bits.flag()) {
    bits.skip(64);
    if (bits.flag()) bits.skipVariable();
    if (bits.flag()) {
      delayBits = bits.number(5) + 1;
      bits.skip(32 + 5 + 5);
    }
  }
  const hasDisplayDelay = bits.flag();
  const points = bits.number(5) + 1;
  for (let point = 0; point < points; point++) {
    bits.skip(12);
    if (bits.number(5) > 7) bits.skip(1);
    if (delayBits > 0 && bits.flag()) bits.skip(2 * delayBits + 1);
    if (hasDisplayDelay && bits.flag()) bits.skip(4);
  }
}

function skipInterTools(bits: BitReader): void {
  bits.skip(4);
  const hasOrder = bits.flag();
  if (hasOrder) bits.skip(2);
  const mayShowScreens = bits.flag() || bits.flag();
  if (mayShowScreens && !bits.flag()) bits.skip(1);
  if (hasOrder) bits.skip(3);
}

/** Reads the highest bit of each byte first; beyond the end there are zeros. */
class BitReader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  get isOver(): boolean {
    return this.at > this.bytes.length * 8;
  }

  flag(): boolean {
    return this.number(1) === 1;
  }

  number(bits: number): number {
    let value = 0;
    for (let bit = 0; bit < bits; bit++, this.at++) {
      value = value * 2 + (((this.bytes[this.at >> 3] ?? 0) >> (7 - (this.at & 7))) & 1);
    }
    return value;
  }

  skip(bits: number): void {
    this.at += bits;
  }

  /** A number of any length (4.10.3): as many zeros as it has bits after its first. */
  skipVariable(): void {
    let zeros = 0;
    while (!this.isOver && !this.flag()) zeros++;
    if (zeros < 32) this.skip(zeros);
  }
}
