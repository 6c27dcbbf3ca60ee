import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { NamedFiles } from '#libs/model-package';

/** A whole MiniGPT-4 with small random weights in the published layouts (test/fixtures/README.md). */
export const tinyReference = fileURLToPath(new URL('../fixtures/reference/tiny', import.meta.url));

export const tinySources = {
  vit: join(tinyReference, 'eva_vit.pth'),
  qFormer: join(tinyReference, 'blip2_qformer.pth'),
  projection: join(tinyReference, 'pretrained_minigpt4.pth'),
  llm: join(tinyReference, 'llm'),
} satisfies NamedFiles;
