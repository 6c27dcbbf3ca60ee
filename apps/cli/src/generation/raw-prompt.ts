import type { Segment } from '#libs/engine';
import { CodedError } from '#libs/errors';

const PLACEHOLDER = '<ImageHere>';

/** Cuts a raw prompt at its placeholders and puts the images there, in order. */
export function parseRawPrompt(prompt: string, images: readonly Uint8Array[]): Segment[] {
  const texts = prompt.split(PLACEHOLDER);
  const places = texts.length - 1;
  if (places !== images.length) {
    throw new CodedError(
      'argument',
      `The prompt has ${places} times ${PLACEHOLDER}, but ${images.length} image${images.length === 1 ? ' was' : 's were'} given with --image. Each image needs its place.`,
    );
  }
  return texts.flatMap((text, index): Segment[] => {
    const image: Segment[] =
      index === 0 ? [] : [{ kind: 'image', image: { kind: 'bytes', bytes: images[index - 1]! } }];
    return text === '' && index > 0 ? image : [...image, { kind: 'text', text }];
  });
}
