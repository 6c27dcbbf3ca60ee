export { type CaptionReport, captionPictures } from './caption-pictures.js';
export type { CaptionRecord } from './caption-record.js';
export { type CaptionStore, captionsBeside, openCaptionLines, textFile } from './caption-store.js';
export { findPictures } from './find-pictures.js';
export { xmpSidecar } from './xmp-sidecar.js';
