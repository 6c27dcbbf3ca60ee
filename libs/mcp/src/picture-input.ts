import { z } from 'zod';
import { GuardedFetcher, ImageFetchError } from '#libs/image-fetcher';
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
    .describe('Path of the picture file on the machine of this server. Give one of path, data and url.'),
  data: z.string().min(1).optional().describe('The picture file itself, in base64 or as a data: URL.'),
  url: z
    .string()
    .min(1)
    .optional()
    .describe('An https address to fetch the picture from, where the operator of this server allows it.'),
};

export type PictureInput = { readonly [Name in keyof typeof pictureInput]?: string };

const FETCH_SECONDS = 20;

/** @throws UnusablePictureError */
export type FetchPicture = (address: string, maxBytes: number, signal: AbortSignal) => Promise<Uint8Array>;

/** Where pictures may come from, beside data. */
export interface PictureSources {
  readonly allowed: AllowedFolders;
  /** Addresses are refused without it. */
  readonly fetchPicture?: FetchPicture;
}

/** @throws UnusablePictureError */
export async function readPicture(
  { path, data, url }: PictureInput,
  { allowed, fetchPicture }: PictureSources,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if ([path, data, url].filter((given) => given !== undefined).length !== 1)
    throw new UnusablePictureError('Give one picture: its path, its data in base64, or its url.');
  if (path !== undefined) return allowed.read(path, maxBytes);
  if (data !== undefined) return decodeData(data, Math.min(maxBytes, MAX_DATA_BYTES));
  if (fetchPicture && url !== undefined) return fetchPicture(url, maxBytes, signal);
  throw new UnusablePictureError('Addresses are not fetched here. Give the path or the data of the picture.');
}

function decodeData(data: string, maxBytes: number): Uint8Array {
  const base64 = data.replace(/^data:[^,]{0,200};base64,/, '').replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(base64))
    throw new UnusablePictureError('The data is not base64. Encode the bytes of the picture file as it is.');
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length <= maxBytes) return bytes;
  throw new UnusablePictureError(`The picture has ${bytes.length} bytes; at most ${maxBytes} are taken.`);
}

/** Fetches a picture by https, from public addresses only: an agent is talked into others as easily as a person. */
export const fetchPublicPicture: FetchPicture = async (address, maxBytes, signal) => {
  const settings = { maxBytes, timeoutSeconds: FETCH_SECONDS, allowHttp: false, trustedHosts: [] };
  try {
    return await new GuardedFetcher(() => settings).fetch(address, { signal });
  } catch (cause) {
    if (cause instanceof ImageFetchError) throw new UnusablePictureError(cause.message, { cause });
    throw cause;
  }
};
