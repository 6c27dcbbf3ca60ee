export {
  faultSentence,
  type ImageFault,
  type ImageNotice,
  imageNotices,
  noticeSentence,
  UnreadableImageError,
  type UnsupportedKind,
  unsupportedKinds,
} from './image-fault.js';
export {
  fileEndings,
  formatNames,
  type ImageFormat,
  isReadable,
  type ReadableFormat,
  readableFormats,
  sniffFormat,
  type UnreadableFormat,
  unreadableFormats,
} from './image-format.js';
export {
  faultByFormat,
  type ImageSize,
  imageAsJpeg,
  inspectImage,
  type ReadingLimits,
  readSquareImage,
  type SquareImage,
  stillsOfAnimation,
} from './read-image.js';
export type { Rectangle, RgbColour, RgbImage, SquareFit, SquareShape } from './rgb-image.js';
