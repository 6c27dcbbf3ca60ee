import { type ImageFault, type SquareImage, type SquareShape, UnreadableImageError } from '#libs/images';

/** Has an image file decoded and resized. @throws UnreadableImageError */
export type ReadImage = (bytes: Uint8Array, shape: SquareShape) => Promise<SquareImage>;

/** How the owner's reading of an image ended, as it crosses the thread border. */
export type ImageReading =
  | { readonly kind: 'read'; readonly image: SquareImage }
  | { readonly kind: 'refused'; readonly fault: ImageFault }
  | { readonly kind: 'failed'; readonly message: string };

/** Which image a reading is of. */
export type ReadingId = number;

/**
 * Reads images through the engine's owner: the worker thread, which network runs block, would feed a file to the
 * decoder's process a little at a time.
 */
export class OwnerImageReader {
  private readonly pending = new Map<ReadingId, (reading: ImageReading) => void>();
  private nextId: ReadingId = 0;

  constructor(private readonly ask: (id: ReadingId, bytes: Uint8Array, shape: SquareShape) => void) {}

  readonly read: ReadImage = async (bytes, shape) => {
    const id = this.nextId++;
    const reading = await new Promise<ImageReading>((resolve) => {
      this.pending.set(id, resolve);
      this.ask(id, bytes, shape);
    });
    switch (reading.kind) {
      case 'read':
        return reading.image;
      case 'refused':
        throw new UnreadableImageError(reading.fault);
      case 'failed':
        throw new Error(reading.message);
    }
  };

  receive(id: ReadingId, reading: ImageReading): void {
    this.pending.get(id)?.(reading);
    this.pending.delete(id);
  }
}

/** The owner's part. */
export async function readForWorker(read: () => Promise<SquareImage>): Promise<ImageReading> {
  try {
    return { kind: 'read', image: await read() };
  } catch (error) {
    if (error instanceof UnreadableImageError) return { kind: 'refused', fault: error.fault };
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}
