import { CodedError } from '#libs/errors';
import { formatNames, type ReadableFormat, readableFormats, type UnreadableFormat } from './image-format.js';

/** Kinds of files of the formats that are read which would come out blank or wrong, so that they are refused by name. */
export const unsupportedKinds = [
  'tiff-old-jpeg',
  'tiff-float',
  'tiff-complex',
  'tiff-bits',
  'avif-sequence',
] as const;
export type UnsupportedKind = (typeof unsupportedKinds)[number];

/** Why an image is not read. */
export type ImageFault =
  | { readonly code: 'empty' }
  | { readonly code: 'not-an-image' }
  | { readonly code: 'unsupported-format'; readonly format: UnreadableFormat }
  | { readonly code: 'unsupported-kind'; readonly kind: UnsupportedKind }
  | { readonly code: 'damaged'; readonly format: ReadableFormat }
  | {
      readonly code: 'too-many-pixels';
      readonly width: number;
      readonly height: number;
      /** Of width times height. */
      readonly most: number;
    }
  | {
      readonly code: 'sides-too-long';
      readonly width: number;
      readonly height: number;
    }
  /** Decoding it took more of the processor or the memory than an image may. */
  | { readonly code: 'too-costly'; readonly resource: 'time' | 'memory' };

/** Something about an image that was read which the person who sent it should know. */
export const imageNotices = [
  'first-frame-only',
  'first-page-only',
  'partly-damaged',
  'brightened',
  'values-spread',
  'all-black',
] as const;
export type ImageNotice = (typeof imageNotices)[number];

/** Bytes that are no image, or none that is read here. */
export class UnreadableImageError extends CodedError {
  constructor(
    readonly fault: ImageFault,
    options?: ErrorOptions,
  ) {
    super('unreadable-image', faultSentence(fault), options);
  }
}

const readable = `${readableFormats
  .slice(0, -1)
  .map((format) => formatNames[format])
  .join(', ')} and ${formatNames[readableFormats.at(-1)!]}`;

const kindNames: Readonly<Record<UnsupportedKind, string>> = {
  'tiff-old-jpeg': 'a TIFF file with JPEG compression of the old style',
  'tiff-float':
    'a TIFF file of floating-point or 32-bit numbers that are not plain grey or red, green and blue',
  'tiff-complex': 'a TIFF file of complex numbers',
  'tiff-bits': 'a TIFF file whose samples have another number of bits than 1, 2, 4, 8, 16 or 32',
  'avif-sequence': 'an animated AVIF file without a still picture in it',
};

/** Why an image is not read, and what to do, in English. */
export function faultSentence(fault: ImageFault): string {
  switch (fault.code) {
    case 'empty':
      return 'The image file is empty.';
    case 'not-an-image':
      return `This file is not an image that can be read. ${readable} can.`;
    case 'unsupported-format':
      return `This is a ${formatNames[fault.format]} file, which is not read. ${readable} are; send it as one of them.`;
    case 'unsupported-kind':
      return `This is ${kindNames[fault.kind]}, which is not read. Send it as PNG or JPEG.`;
    case 'damaged':
      return `The ${formatNames[fault.format]} file is damaged or cut off: it could not be decoded.`;
    case 'too-many-pixels':
      return (
        `The image has ${fault.width} × ${fault.height} pixels; ` +
        `at most ${fault.most} in all are accepted. Send a smaller one.`
      );
    case 'sides-too-long':
      return (
        `The image has ${fault.width} × ${fault.height} pixels, and one of its sides is too long to be resized. ` +
        'Send a part of it.'
      );
    case 'too-costly':
      return `Decoding the image takes too much ${fault.resource}. Save it anew as a plain PNG or JPEG, or smaller.`;
  }
}

const noticeSentences: Readonly<Record<ImageNotice, string>> = {
  'first-frame-only': 'The image is animated. Only its first frame was looked at.',
  'first-page-only': 'The file has several pages. Only the first one was looked at.',
  'partly-damaged': 'The image file is damaged. What could be decoded of it was looked at.',
  brightened: 'The image was very dark, as its values use few of their bits. It was brightened.',
  'values-spread': 'The image is of numbers without a range. They were spread from black to white.',
  'all-black': 'The image is black all over.',
};

/** What to know about an image that was read, in English. */
export function noticeSentence(notice: ImageNotice): string {
  return noticeSentences[notice];
}
