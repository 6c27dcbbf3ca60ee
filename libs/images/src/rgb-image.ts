/** Pixels, row by row: `[height, width, 3]`, one byte per colour. */
export interface RgbImage {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A red, a green and a blue, one byte each. */
export type RgbColour = readonly [red: number, green: number, blue: number];

/**
 * How an image becomes a square of another shape: both sides are resized to it; the shorter side is filled up to the
 * longer one and the whole resized; or the shorter side is resized to it and the middle of the longer one kept.
 */
export type SquareFit =
  | { readonly kind: 'stretch' }
  | { readonly kind: 'pad'; readonly colour: RgbColour }
  | { readonly kind: 'crop' };

/** A square to resize images to. */
export interface SquareShape {
  readonly side: number;
  readonly fit: SquareFit;
}

/** A part of an image, in whole pixels from its upper left corner. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}
