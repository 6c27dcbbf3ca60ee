import type { VisionInput } from '#libs/minigpt4';

import { alignmentDataset } from '../data/alignment-dataset.js';
import type { Dataset, ImageTransform } from '../data/dataset.js';
import { randomResizedCrop, wholeImage } from '../data/image-transform.js';
import { webDataset } from '../data/web-dataset.js';
import type { DataConfig, TrainingConfig } from './training-config.js';

export function openDataset(data: DataConfig): Dataset {
  switch (data.layout) {
    case 'webdataset':
      return webDataset(data);
    case 'cc_sbu_align':
      return alignmentDataset(data.folder);
  }
}

export function imageTransformOf({ imageTransform }: TrainingConfig, vision: VisionInput): ImageTransform {
  switch (imageTransform) {
    case 'resize':
      return wholeImage(vision);
    case 'random-resized-crop':
      return randomResizedCrop(vision);
  }
}
