import { z } from 'zod';
import { UnusablePictureError } from '#libs/vision-model';

import type { AllowedFolders } from './allowed-folders.js';

/** Of a picture that comes as data: what more would take is sent by path. */
export const MAX_DATA_BYTES = 16 * 2 ** 20;

/** Flat, as some clients do not offer their model a choice of two objects. */
export const pictureInput = {
  path: z
    .string()
    .min(1)
    .optional()
    .describe('Path of the picture file on the machine of this server. Give path or data.'),
  data: z.string().min(1).optional().describe('The picture file itself, in base64 or as a data: URL.'),
};

export type PictureInput = { readonly [Name in keyof typeof pictureInput]?: string };

/** @throws UnusablePictureError */
export async function readPicture(
  { path, data }: PictureInput,
  allowed: AllowedFolders,
  maxBytes: number,
): Promise<Uint8Array> {
  if (path !== undefined && data === undefined) return allowed.read(path, maxBytes);
  if (data !== undefined && path === undefined) return decodeData(data, Math.min(maxBytes, MAX_DATA_BYTES));
  throw new UnusablePictureError('Give one picture: its path, or its data in base64.');
}

function decodeData(data: string, maxBytes: number): Uint8Array {
  const base64 = data.replace(/^data:[^,]{0,200};base64,/, '').replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(base64))
    throw new UnusablePictureError('The data is not base64. Encode the bytes of the picture file as it is.');
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length <= maxBytes) return bytes;
  throw new UnusablePictureError(`The picture has ${bytes.length} bytes; at most ${maxBytes} are taken.`);
}
