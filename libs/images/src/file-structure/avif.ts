import { type Av1Colours, readAv1Colours } from './av1-sequence-header.js';
import type { FirstPicture } from './picture-structure.js';

/** The first bytes of a file, in which its description stands. */
const HEAD_BYTES = 65_536;

/** As many items are looked at for one that is coded as a picture. */
const MOST_ITEMS = 64;

/**
 * Looks for the two kinds of AVIF that libheif does not give as they are meant: sequences, whose brand it does not know
 * although their first frame is a picture of its own, and grey pictures of limited range, whose levels it leaves at
 * 16 to 235.
 */
export function readAvif(file: Buffer): FirstPicture {
  const head = file.subarray(0, HEAD_BYTES);
  if (file.toString('latin1', 8, 12) === 'avis') return firstOfSequence(file, head);
  const coded = coloursOfFirstItem(file);
  const limitedGrey = coded?.monochrome === true && !isFullRange(head, coded);
  return { bytes: file, notices: [], limitedGrey };
}

/** A sequence names its primary item where its first frame can be read as a still picture (ISO/IEC 23008-12). */
function firstOfSequence(file: Buffer, head: Buffer): FirstPicture {
  if (!head.includes('pitm', 0, 'latin1')) {
    return { bytes: file, notices: [], fault: { code: 'unsupported-kind', kind: 'avif-sequence' } };
  }
  const still = Buffer.from(file);
  still.write('avif', 8, 'latin1');
  return { bytes: still, notices: ['first-frame-only'] };
}

/**
 * A colour box of the kind `nclx` ends in the flag of the full range (ISO/IEC 14496-12, 12.1.5) and outweighs what is
 * coded; without one the stream itself counts (ISO/IEC 23000-22, 7.3.6.4).
 */
function isFullRange(head: Buffer, coded: Av1Colours): boolean {
  const colour = head.indexOf('colrnclx', 0, 'latin1');
  const flags = head[colour + 14];
  return colour >= 0 && flags !== undefined ? (flags & 0x80) !== 0 : coded.fullRange;
}

/** The colours of the first item that is coded as a picture: the whole, or its first tile. */
function coloursOfFirstItem(file: Buffer): Av1Colours | undefined {
  const meta = findBox(file, 0, file.length, 'meta');
  // A full box: four bytes of version and flags come before its content.
  const locations = meta && findBox(file, meta.begin + 4, meta.end, 'iloc');
  if (!locations) return undefined;
  for (const begin of itemBeginnings(file.subarray(locations.begin, locations.end))) {
    const colours = readAv1Colours(file.subarray(begin));
    if (colours) return colours;
  }
  return undefined;
}

interface Box {
  readonly begin: number;
  readonly end: number;
}

function findBox(file: Buffer, begin: number, end: number, type: string): Box | undefined {
  for (let at = begin; at + 8 <= end; ) {
    const size = file.readUInt32BE(at) || end - at;
    if (size < 8) return undefined;
    if (file.toString('latin1', at + 4, at + 8) === type)
      return { begin: at + 8, end: Math.min(at + size, end) };
    at += size;
  }
  return undefined;
}

/** Where in the file each item begins, by the box `iloc` (ISO/IEC 14496-12, 8.11.3). */
function* itemBeginnings(box: Buffer): Generator<number> {
  let at = 0;
  const read = (bytes: number) => {
    const value = at + bytes <= box.length ? [...box.subarray(at, at + bytes)] : [];
    at += bytes;
    return value.reduce((number, byte) => number * 256 + byte, 0);
  };
  const version = read(1);
  read(3);
  const [sizes, moreSizes] = [read(1), read(1)];
  const [offsetBytes, lengthBytes, baseBytes] = [sizes >> 4, sizes & 15, moreSizes >> 4];
  const indexBytes = version > 0 ? moreSizes & 15 : 0;
  const items = Math.min(read(version < 2 ? 2 : 4), MOST_ITEMS);
  for (let item = 0; item < items && at < box.length; item++) {
    read(version < 2 ? 2 : 4);
    const isInFile = version === 0 || (read(2) & 15) === 0;
    read(2);
    const base = read(baseBytes);
    const extents = read(2);
    read(indexBytes);
    const offset = read(offsetBytes);
    at += lengthBytes + (extents - 1) * (indexBytes + offsetBytes + lengthBytes);
    if (isInFile && extents > 0) yield base + offset;
  }
}
