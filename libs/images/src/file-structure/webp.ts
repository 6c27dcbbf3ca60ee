const ANIMATION = 0x02;

/** An extended WebP file has its flags in the chunk `VP8X` at its beginning (WebP Container Specification). */
export function isAnimatedWebp(file: Buffer): boolean {
  return file.length > 20 && file.toString('latin1', 12, 16) === 'VP8X' && (file[20]! & ANIMATION) !== 0;
}
