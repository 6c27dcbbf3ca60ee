import sharp, { type Metadata } from 'sharp';

/** To give a late frame, all before it are decoded. An animation of more pixels in all is seen by its first frame. */
const MOST_PIXELS = 200_000_000;

/**
 * Stills of a GIF or WebP animation, evenly from its first frame to its last and each as it is shown, as PNG files.
 * None of what is too large or damaged.
 */
export async function decodeStills(
  bytes: Uint8Array,
  { width, height, pages = 1 }: Metadata,
  most: number,
): Promise<Uint8Array[]> {
  const count = Math.min(most, pages);
  if (count < 2 || width * height * pages > MOST_PIXELS) return [];
  const chosen = Array.from({ length: count }, (_, still) => Math.round((still * (pages - 1)) / (count - 1)));
  const stills: Uint8Array[] = [];
  try {
    for (const page of chosen) stills.push(await sharp(bytes, { page }).png().toBuffer());
  } catch {
    return [];
  }
  return stills;
}
