import { type ShapeName, shapes } from '#libs/benchmark';

import type { Room } from './candidate.js';

/** What keys and values take that are kept in such an array (`Uint16Array` for float16), in bytes. */
export function keyValueBytes(
  shape: ShapeName,
  { conversations, contextLength }: Room,
  { BYTES_PER_ELEMENT }: { readonly BYTES_PER_ELEMENT: number },
): number {
  const { hidden, heads, keyValueHeads, layers } = shapes[shape].decoder;
  const perPosition = 2 * layers * keyValueHeads * (hidden / heads) * BYTES_PER_ELEMENT;
  return conversations * contextLength * perPosition;
}
