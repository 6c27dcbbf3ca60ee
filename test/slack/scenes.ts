import { fileURLToPath } from 'node:url';

const folder = new URL('../fixtures/emoji-scenes/validation/seen-drawings/', import.meta.url);

/** Drawings that the embedded model knows, by what they show. */
export const scenes = {
  bat: picture('0000.png'),
  oyster: picture('0001.png'),
} as const;

function picture(name: string): string {
  return fileURLToPath(new URL(name, folder));
}
