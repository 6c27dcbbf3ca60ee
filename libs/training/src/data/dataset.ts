/** One pair of image and text, as the dataset stores it. */
export interface TrainingSample {
  /** Names the sample in messages: "00003.tar: 000001523". */
  readonly key: string;
  /** The image file's bytes, not decoded. */
  readonly image: Uint8Array;
  /** The text to learn, after the dataset's own clean-up. */
  readonly caption: string;
  /** Counts the samples a stream has given, from 0; with the seed it determines random image transforms. */
  readonly draw: number;
}

/** A sample that was left out, and why, in a sentence. */
export interface SkippedSample {
  readonly key: string;
  readonly reason: string;
}

/** Where a stream stands. Plain JSON, so that a training checkpoint can hold it. */
export type StreamPosition =
  | null
  | boolean
  | number
  | string
  | readonly StreamPosition[]
  | { readonly [name: string]: StreamPosition };

export interface StreamOptions {
  /** Determines the order of samples. */
  readonly seed: number;
  /** Continues where another stream of the same dataset and seed stood; from the start by default. */
  readonly position?: StreamPosition;
  /** Hears of every broken member that is left out. */
  readonly onSkipped?: (sample: SkippedSample) => void;
}

/** Samples without end in a random order: a dataset that is used up is shuffled anew and starts again. */
export interface SampleStream {
  /** @throws CodedError `dataset` when the dataset holds no usable sample or its files cannot be read. */
  next(): Promise<TrainingSample>;
  /** A stream opened at this position gives exactly the samples that this one would give next. */
  position(): StreamPosition;
  close(): Promise<void>;
}

/** Image-text pairs on a disk. */
export interface Dataset {
  /** What it is made of, for the record of a run: file names with sizes and SHA-256 digests. */
  describe(): Promise<DatasetDescription>;
  open(options: StreamOptions): Promise<SampleStream>;
}

export interface DatasetDescription {
  readonly files: readonly { readonly file: string; readonly bytes: number; readonly sha256: string }[];
}

/**
 * Makes an image ready for the ViT: `[3, side, side]` normalised pixels. A transform without chance gives the same
 * for the same bytes, so its features may be cached.
 */
export interface ImageTransform {
  readonly deterministic: boolean;
  /**
   * @param seed determines the random choices of this one image
   * @throws UnreadableImageError when the bytes are not an image
   */
  apply(bytes: Uint8Array, seed: number): Promise<Float32Array>;
}
