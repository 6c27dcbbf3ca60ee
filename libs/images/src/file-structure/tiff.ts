import type { UnsupportedKind } from '../image-fault.js';
import type { FirstPicture } from './picture-structure.js';

const BITS_PER_SAMPLE = 258;
const COMPRESSION = 259;
const SAMPLE_FORMAT = 339;
const OLD_STYLE_JPEG = 6;

const FLOAT = 3;
const COMPLEX = [5, 6];

/** How many bits the samples may have that libvips reads. */
const readableBits = [1, 2, 4, 8, 16, 32];

/** What libtiff would give as a blank picture, as its darkest shades, or not at all. */
function kindOf(tags: ReadonlyMap<number, number>): UnsupportedKind | undefined {
  if (tags.get(COMPRESSION) === OLD_STYLE_JPEG) return 'tiff-old-jpeg';
  const [bits, format] = [tags.get(BITS_PER_SAMPLE) ?? 1, tags.get(SAMPLE_FORMAT) ?? 1];
  // Sample formats: TIFF 6.0, section 19, and its supplements.
  if (COMPLEX.includes(format)) return 'tiff-complex';
  if (format === FLOAT && bits !== 32) return 'tiff-float';
  return readableBits.includes(bits) ? undefined : 'tiff-bits';
}

/** The two layouts of the file: TIFF 6.0, and BigTIFF with its wider offsets. */
interface Layout {
  readonly littleEndian: boolean;
  readonly big: boolean;
}

/**
 * Cuts a TIFF file's chain of pages after the first, since decoders count them all, and refuses what is not
 * read by its kind.
 */
export function firstTiffPage(file: Buffer): FirstPicture {
  const whole: FirstPicture = { bytes: file, notices: [] };
  const layout: Layout = { littleEndian: file[0] === 0x49, big: file[2] === 0x2b || file[3] === 0x2b };
  const [countBytes, entryBytes, offsetBytes] = layout.big ? [8, 20, 8] : [2, 12, 4];
  const directory = readNumber(file, layout.big ? 8 : 4, offsetBytes, layout);
  const entries = directory === undefined ? undefined : readNumber(file, directory, countBytes, layout);
  if (directory === undefined || entries === undefined || entries > 65_535) return whole;

  const firstEntry = directory + countBytes;
  const tags = new Map<number, number>();
  for (let entry = 0; entry < entries; entry++) {
    const at = firstEntry + entry * entryBytes;
    const tag = readNumber(file, at, 2, layout);
    if (tag === BITS_PER_SAMPLE || tag === COMPRESSION || tag === SAMPLE_FORMAT)
      tags.set(tag, firstShort(file, at, layout) ?? 0);
  }
  const kind = kindOf(tags);
  if (kind) return { ...whole, fault: { code: 'unsupported-kind', kind } };

  const next = firstEntry + entries * entryBytes;
  if (!readNumber(file, next, offsetBytes, layout)) return whole;
  const bytes = Buffer.from(file);
  bytes.fill(0, next, next + offsetBytes);
  return { bytes, notices: ['first-page-only'] };
}

/** The first of an entry's 16-bit values, which stand in the entry if they have room there, and else where it says. */
function firstShort(file: Buffer, entry: number, layout: Layout): number | undefined {
  const countBytes = layout.big ? 8 : 4;
  const count = readNumber(file, entry + 4, countBytes, layout) ?? 0;
  const field = entry + 4 + countBytes;
  const isInline = count * 2 <= countBytes;
  const at = isInline ? field : readNumber(file, field, countBytes, layout);
  return at === undefined ? undefined : readNumber(file, at, 2, layout);
}

function readNumber(file: Buffer, at: number, bytes: number, { littleEndian }: Layout): number | undefined {
  if (at + bytes > file.length) return undefined;
  if (bytes === 8) {
    const value = littleEndian ? file.readBigUInt64LE(at) : file.readBigUInt64BE(at);
    return value <= Number.MAX_SAFE_INTEGER ? Number(value) : undefined;
  }
  return littleEndian ? file.readUIntLE(at, bytes) : file.readUIntBE(at, bytes);
}
