import { readFileSync } from 'node:fs';

const folder = new URL('../fixtures/emoji-scenes/validation/', import.meta.url);

/** A scene by its name, such as `scenes/0012.png`. */
export function sceneImage(name: string): Buffer {
  return readFileSync(new URL(name, folder));
}
