const readable = ['png', 'jpeg', 'webp', 'gif', 'avif', 'tiff'] as const;

/** Formats that are recognised by their first bytes; the model server reads all but `heic` and `bmp`. */
export type ImageFormat = (typeof readable)[number] | 'heic' | 'bmp';

/** Names of files that their ending calls images, readable or not. */
export const imageFileName = /\.(?:png|jpe?g|webp|gif|avif|heic|heif|tiff?|bmp)$/i;

/** The format of an image file by its content, which is the only thing about it that can be trusted. */
export function imageFormat(bytes: Uint8Array): ImageFormat | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 32)).toString('latin1');
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) return 'gif';
  if (head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP') return 'webp';
  if (head.startsWith('II*\0') || head.startsWith('MM\0*')) return 'tiff';
  if (head.startsWith('BM')) return 'bmp';
  // ISO base media files name their brands after "ftyp": the major one, a version, then the compatible ones.
  if (head.slice(4, 8) === 'ftyp') {
    if (/avi[fs]/.test(head.slice(8))) return 'avif';
    if (/hei[cxms]|hev[cx]|mif1|msf1/.test(head.slice(8))) return 'heic';
  }
  return undefined;
}

export function isReadable(format: ImageFormat): boolean {
  return readable.some((known) => known === format);
}
