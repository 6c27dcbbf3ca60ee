import type { ImageFault, ImageNotice } from '../image-fault.js';
import type { Rectangle } from '../rgb-image.js';

/** What a file's structure tells of its first picture, before anything is decoded. */
export interface FirstPicture {
  /** The file without the frames or pages after the first, where a decoder would walk through them all. */
  readonly bytes: Uint8Array;
  readonly notices: readonly ImageNotice[];
  /** The part of the image that the frame covers, where that is not all of it. */
  readonly covered?: Rectangle;
  /** Grey levels from 16 to 235, which the decoder takes for 0 to 255. */
  readonly limitedGrey?: boolean;
  /** Set where the file would come out blank or wrong. */
  readonly fault?: ImageFault;
}
