import type { ImageSource, RequestLimits } from '#libs/engine';

import { OpenAiRequestError } from './openai-request-error.js';

/** In front of the bytes: a media type, which may be missing, and parameters such as a character set or a name. */
const longestDataHead = 1_024;

/** As long as the data: URL of an image may be. */
export function longestDataUrl({ maxImageBytes }: Pick<RequestLimits, 'maxImageBytes'>): number {
  return Math.ceil(maxImageBytes / 3) * 4 + longestDataHead;
}

/** Whether an image stands elsewhere, at an address of the web. */
export const isWebAddress = (url: string) => /^https?:\/\//i.test(url);

/** What a server says that fetches nothing, as it does by default. */
export const onlyDataUrls =
  'Send the image itself, as a data: URL in base64; this server fetches no addresses (ALLOW_IMAGE_URLS).';

/**
 * The bytes of an image inside the request. What they are is seen from them, whatever the address calls them (RFC 2397).
 * @throws OpenAiRequestError
 */
export function imageIn(url: string, path: string, limits: RequestLimits): ImageSource {
  const base64 = base64In(url, path);
  if (base64.length > longestDataUrl(limits)) {
    const bytes = Math.floor((base64.length * 3) / 4);
    throw new OpenAiRequestError(
      path,
      `The image file has ${bytes} bytes; at most ${limits.maxImageBytes} are accepted.`,
    );
  }
  const bytes = decodeBase64(base64, path);
  if (bytes.length === 0) throw new OpenAiRequestError(path, 'The image file is empty, or not in base64.');
  return { kind: 'bytes', bytes };
}

/**
 * What stands behind the head of a data: URL, or of the beginning of one.
 * @throws OpenAiRequestError when it is no data: URL in base64
 */
export function base64In(url: string, path: string): string {
  const head = url.slice(0, longestDataHead);
  const comma = head.indexOf(',');
  if (!/^data:/i.test(head)) {
    throw new OpenAiRequestError(path, onlyDataUrls);
  }
  if (comma < 0 || !/;\s*base64$/i.test(head.slice(0, comma))) {
    throw new OpenAiRequestError(
      path,
      'Write the data: URL in base64: "data:image/png;base64," and the bytes.',
    );
  }
  return url.slice(comma + 1);
}

/** @throws OpenAiRequestError */
export function decodeBase64(base64: string, path: string): Buffer {
  return Buffer.from(base64.includes('%') ? decodedPercents(base64, path) : base64, 'base64');
}

function decodedPercents(text: string, path: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new OpenAiRequestError(path, 'The data: URL has a "%" that stands for no character.');
  }
}
