import type { ImageFault, ImageNotice } from '../image-fault.js';
import type { ReadableFormat } from '../image-format.js';
import type { Rectangle, RgbImage, SquareShape } from '../rgb-image.js';

/** What one decode may take. */
export interface DecodingBudget {
  /** Of processor time, all threads together. */
  readonly seconds: number;
  /** By which the decoder process's resident memory may grow. */
  readonly bytes: number;
}

/** What is wanted of an image file. */
export type DecoderTask =
  /** Its size, from the header. */
  | { readonly kind: 'inspect' }
  /** The image, or a part of it, resized to a square. */
  | { readonly kind: 'square'; readonly shape: SquareShape; readonly crop?: Rectangle }
  /** Still pictures of an animation, so many at most. */
  | { readonly kind: 'stills'; readonly most: number }
  /** A JPEG file for people to look at, with the longer side as given, or as it is. */
  | { readonly kind: 'jpeg'; readonly quality: number; readonly longestSide?: number };

/** To the decoder process, which answers one after another. */
export interface DecoderRequest {
  readonly bytes: Uint8Array;
  readonly format: ReadableFormat;
  readonly maxPixels: number;
  readonly budget: DecodingBudget;
  readonly task: DecoderTask;
}

/** An image file as far as it was read. */
export interface DecodedImage {
  /** Of the whole image, upright, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly notices: readonly ImageNotice[];
  /** Of the task "square". */
  readonly square?: RgbImage;
  /** Of the task "stills": PNG files, none where the image is not animated. */
  readonly stills?: readonly Uint8Array[];
  /** Of the task "jpeg". */
  readonly jpeg?: Uint8Array;
}

/** From the decoder process. */
export type DecoderReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'decoded'; readonly image: DecodedImage }
  | { readonly kind: 'refused'; readonly fault: ImageFault }
  /** The decode goes on and can only be ended with the process. */
  | { readonly kind: 'over-budget'; readonly resource: 'time' | 'memory' }
  | { readonly kind: 'failed'; readonly message: string };
