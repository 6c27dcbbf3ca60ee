const SIGNATURE_BYTES = 8;

/** An animated PNG says so in a chunk `acTL` ahead of the picture's data (PNG third edition, 11.3.6.1). */
export function isAnimatedPng(file: Buffer): boolean {
  let at = SIGNATURE_BYTES;
  while (at + 8 <= file.length) {
    const type = file.toString('latin1', at + 4, at + 8);
    if (type === 'acTL') return true;
    if (type === 'IDAT' || type === 'IEND') return false;
    // Length, type, data, checksum.
    at += 12 + file.readUInt32BE(at);
  }
  return false;
}
