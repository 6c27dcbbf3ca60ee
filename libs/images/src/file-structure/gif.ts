import type { Rectangle } from '../rgb-image.js';
import type { FirstPicture } from './picture-structure.js';

const HEADER_BYTES = 13;
const EXTENSION = 0x21;
const IMAGE = 0x2c;
const TRAILER = 0x3b;

/**
 * Cuts a GIF file after its first frame (GIF89a): decoders walk through all frames, of which a small file can have
 * very many, before they give the first.
 */
export function firstGifFrame(file: Buffer): FirstPicture {
  const whole: FirstPicture = { bytes: file, notices: [] };
  if (file.length < HEADER_BYTES) return whole;
  const [width, height] = [file.readUInt16LE(6), file.readUInt16LE(8)];
  let at = HEADER_BYTES + colourTableBytes(file[10]!);
  for (let block = file[at]; block === EXTENSION || block === IMAGE; block = file[at]) {
    if (block === EXTENSION) {
      at = skipSubBlocks(file, at + 2);
      continue;
    }
    if (at + 10 > file.length) return whole;
    const frame = frameRectangle(file, at);
    // After the descriptor and its colours comes the size of the codes.
    const end = skipSubBlocks(file, at + 10 + colourTableBytes(file[at + 9]!) + 1);
    const covered = covers(frame, width, height) ? {} : { covered: frame };
    if (!hasFrame(file, end)) return { ...whole, ...covered };
    const cut = Buffer.concat([file.subarray(0, end), Buffer.of(TRAILER)]);
    return { bytes: cut, notices: ['first-frame-only'], ...covered };
  }
  return whole;
}

function hasFrame(file: Buffer, from: number): boolean {
  let at = from;
  while (file[at] === EXTENSION) at = skipSubBlocks(file, at + 2);
  return file[at] === IMAGE;
}

function colourTableBytes(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 0x07) + 1) : 0;
}

/** Where the blocks end that begin at `from`, each with its size ahead, the last of size 0. */
function skipSubBlocks(file: Buffer, from: number): number {
  let at = from;
  while (at < file.length && file[at]! > 0) at += 1 + file[at]!;
  return at + 1;
}

function frameRectangle(file: Buffer, at: number): Rectangle {
  return {
    left: file.readUInt16LE(at + 1),
    top: file.readUInt16LE(at + 3),
    width: file.readUInt16LE(at + 5),
    height: file.readUInt16LE(at + 7),
  };
}

function covers(frame: Rectangle, width: number, height: number): boolean {
  return frame.left === 0 && frame.top === 0 && frame.width >= width && frame.height >= height;
}
