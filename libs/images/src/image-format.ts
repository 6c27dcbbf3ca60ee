/** The formats that are read. */
export const readableFormats = ['png', 'jpeg', 'webp', 'gif', 'avif', 'tiff'] as const;
export type ReadableFormat = (typeof readableFormats)[number];

/** Formats that are recognised, to be refused by their name. */
export const unreadableFormats = ['heic', 'jxl', 'jp2', 'bmp', 'ico', 'svg', 'psd'] as const;
export type UnreadableFormat = (typeof unreadableFormats)[number];

export type ImageFormat = ReadableFormat | UnreadableFormat;

/** What people call the formats. */
export const formatNames: Readonly<Record<ImageFormat, string>> = {
  png: 'PNG',
  jpeg: 'JPEG',
  webp: 'WebP',
  gif: 'GIF',
  avif: 'AVIF',
  tiff: 'TIFF',
  heic: 'HEIC',
  jxl: 'JPEG XL',
  jp2: 'JPEG 2000',
  bmp: 'BMP',
  ico: 'ICO',
  svg: 'SVG',
  psd: 'PSD',
};

/** What the names of files end in, by the format that is meant: a hint only, as what is in a file may be another. */
export const fileEndings: Readonly<Record<ReadableFormat, readonly string[]>> = {
  png: ['.png'],
  jpeg: ['.jpg', '.jpeg', '.jpe', '.jfif'],
  webp: ['.webp'],
  gif: ['.gif'],
  avif: ['.avif'],
  tiff: ['.tif', '.tiff'],
};

/** How far into a file its kind is looked for. */
const HEAD_BYTES = 4_096;

/** What files begin with, as Latin-1. */
const signatures: readonly (readonly [ImageFormat, readonly string[]])[] = [
  ['png', ['\x89PNG\r\n\x1a\n']],
  ['jpeg', ['\xff\xd8\xff']],
  ['gif', ['GIF87a', 'GIF89a']],
  // Little and big endian, TIFF and BigTIFF.
  ['tiff', ['II*\0', 'MM\0*', 'II+\0', 'MM\0+']],
  ['jxl', ['\xff\x0a', '\0\0\0\x0cJXL \r\n\x87\n']],
  ['jp2', ['\xff\x4f\xff\x51', '\0\0\0\x0cjP  \r\n\x87\n']],
  ['ico', ['\0\0\x01\0', '\0\0\x02\0']],
  ['psd', ['8BPS']],
];

/** The format of an image file by its content, which is the only thing about it that can be trusted. */
export function sniffFormat(bytes: Uint8Array): ImageFormat | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEAD_BYTES)).toString(
    'latin1',
  );
  const known = signatures.find(([, beginnings]) =>
    beginnings.some((beginning) => head.startsWith(beginning)),
  );
  if (known) return known[0];
  if (head.startsWith('RIFF') && head.startsWith('WEBP', 8)) return 'webp';
  // After the size, four reserved bytes: a text that begins with "BM" has none.
  if (head.startsWith('BM') && head.startsWith('\0\0\0\0', 6)) return 'bmp';
  if (head.startsWith('ftyp', 4)) return sniffIsoMedia(head);
  return isSvg(head) ? 'svg' : undefined;
}

export function isReadable(format: ImageFormat): format is ReadableFormat {
  return readableFormats.some((readable) => readable === format);
}

/**
 * ISO base media files name their brands after "ftyp": the major one, a version, then the compatible ones. `mif1` and
 * `msf1` say only that there are pictures; then the codec of the items tells what they are (ISO/IEC 23008-12).
 */
function sniffIsoMedia(head: string): ImageFormat | undefined {
  const end = Math.max(12, Math.min(head.charCodeAt(2) * 256 + head.charCodeAt(3), 256));
  const brands = head.slice(8, end);
  if (/avi[fs]/.test(brands)) return 'avif';
  if (/hei[cxms]|hev[cxms]/.test(brands)) return 'heic';
  if (/mi[af]1|msf1/.test(brands)) return head.includes('av01') ? 'avif' : 'heic';
  return undefined;
}

/** A drawing in XML, whatever its declarations and comments ahead; not a page that has one in it. */
function isSvg(head: string): boolean {
  const text = head.replace(/^\xef\xbb\xbf/, '').trimStart();
  return /^<(?:svg|\?xml|!--|!doctype svg)/i.test(text) && /<svg[\s>]/.test(text) && !/<html/i.test(text);
}
