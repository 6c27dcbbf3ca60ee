import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

import sharp from 'sharp';

export interface Picture {
  readonly name: string;
  readonly bytes: Buffer;
}

const drawings = new URL('../fixtures/emoji-scenes/validation/seen-drawings/', import.meta.url);

/** Drawings that the embedded model knows. */
export const bat = drawing('0000', 'bat.png');
export const oyster = drawing('0001', 'oyster.png');

function drawing(number: string, name: string): Picture {
  return { name, bytes: readFileSync(new URL(`${number}.png`, drawings)) };
}

/** One of the pictures that the web page offers to try. */
export const lobsterAndTulip: Picture = {
  name: 'lobster-and-tulip.png',
  bytes: readFileSync(new URL('../../apps/bot/src/web/page/examples/lobster-and-tulip.png', import.meta.url)),
};

/** The bat in another format. */
export async function batAs(format: 'png' | 'jpeg' | 'webp' | 'gif' | 'avif'): Promise<Picture> {
  const bytes = await sharp(bat.bytes).toFormat(format, { quality: 95 }).toBuffer();
  return { name: `bat.${format}`, bytes };
}

/** The same drawing in a large file that nobody else has: what follows a PNG file's end is not looked at. */
export function unique({ name, bytes }: Picture): Picture {
  return { name, bytes: Buffer.concat([bytes, randomBytes(100_000)]) };
}

/** An animation that begins with the bat. */
export async function animation(): Promise<Picture> {
  const frames = sharp([bat.bytes, oyster.bytes], { join: { animated: true } });
  return { name: 'animation.gif', bytes: await frames.gif().toBuffer() };
}

export const renamedText: Picture = { name: 'notes.png', bytes: Buffer.from('I am no picture at all.') };
export const cutShort: Picture = { name: 'cut.png', bytes: bat.bytes.subarray(0, 400) };
/** The first bytes of an iPhone's photograph. */
export const heic: Picture = {
  name: 'IMG_0001.heic',
  bytes: Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'),
};
