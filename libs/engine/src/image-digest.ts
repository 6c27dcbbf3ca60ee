import { createHash } from 'node:crypto';

import type { ImageDigest } from './engine.js';

/** Whether a text has the form of an image's name; it says nothing about whether the image is known. */
export function isImageDigest(text: string): text is ImageDigest {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}

/** The name of an image: the digest of its file. */
export function imageDigestOf(bytes: Uint8Array): ImageDigest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as ImageDigest;
}
