import type { PackageFile } from '#libs/minigpt4';

export const MANIFEST_FILE = 'model.json';
export const TOKENIZER_FILE = 'tokenizer.json';

export const weightFiles: readonly PackageFile[] = [
  'vision.safetensors',
  'projection.safetensors',
  'decoder.safetensors',
];
