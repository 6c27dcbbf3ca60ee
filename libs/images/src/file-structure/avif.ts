import type { FirstPicture } from './picture-structure.js';

/** The first bytes of a file, in which its description stands. */
const HEAD_BYTES = 65_536;

/** Bits of the third byte of an `av1C` box (AV1 Codec ISO Media File Format Binding, 2.3.3). */
const MONOCHROME = 0x10;

/**
 * Looks for the two kinds of AVIF that libheif does not give as they are meant: sequences, whose brand it does not know
 * although their first frame is a picture of its own, and grey pictures of limited range, whose levels it leaves at
 * 16 to 235.
 */
export function readAvif(file: Buffer): FirstPicture {
  const head = file.subarray(0, HEAD_BYTES);
  if (file.toString('latin1', 8, 12) === 'avis') return firstOfSequence(file, head);
  const codec = head.indexOf('av1C', 0, 'latin1');
  const isMonochrome = codec >= 0 && ((head[codec + 6] ?? 0) & MONOCHROME) !== 0;
  return { bytes: file, notices: [], limitedGrey: isMonochrome && isLimitedRange(head) };
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

/** A colour box of the kind `nclx` ends in the flag of the full range (ISO/IEC 14496-12, 12.1.5). */
function isLimitedRange(head: Buffer): boolean {
  const colour = head.indexOf('colrnclx', 0, 'latin1');
  const flags = head[colour + 14];
  return colour >= 0 && flags !== undefined && (flags & 0x80) === 0;
}
