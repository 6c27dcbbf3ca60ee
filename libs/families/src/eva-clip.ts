import {
  evaLayout,
  type Heads,
  likelyHeads,
  type PublishedCheckpoints,
  type QFormerLayout,
  readVision,
  type VisionConfig,
  type VisionShape,
} from '#libs/minigpt4';

import type { ArchitectureHints } from './architecture-hints.js';
import type { PublishedPart } from './family.js';

/** The vision tower that MiniGPT-4, MiniGPT-v2 and BLIP-2 look with. */
export const evaVit: PublishedPart = {
  title: "EVA's vision tower, eva_vit_g.pth or a BLIP-2 folder",
  names: [/^(?:model\.)?((?:cls_token|pos_embed|patch_embed\..*|blocks\..*))$/, /^(vision_model\..*)$/],
};

export interface EvaVision {
  readonly layout: QFormerLayout;
  readonly vision: VisionShape & Partial<Pick<VisionConfig, 'layerNormEpsilon'>>;
}

/** @param headsOf attention heads, which leave no trace in shapes: see {@link assumedHeads} */
export function readEvaVision(
  { vit }: Pick<PublishedCheckpoints, 'vit'>,
  { vit: hint }: ArchitectureHints,
  headsOf: (hint: number | undefined, part: string) => Heads,
): EvaVision {
  const layout = evaLayout(vit);
  const read = readVision(vit, layout, headsOf(hint?.heads, 'ViT'));
  return {
    layout,
    vision: { ...read, depth: hint?.depth_used ?? read.depth, layerNormEpsilon: hint?.layer_norm_eps },
  };
}

/** Takes the hint or assumes what is likely, and notes that. */
export const assumedHeads =
  (notices: string[]) =>
  (hint: number | undefined, part: string): Heads =>
  (width) => {
    if (hint !== undefined) return hint;
    const { heads, published } = likelyHeads(width);
    if (!published) {
      notices.push(
        `The number of attention heads is not written in the files; ${heads} were assumed for the ${part} of width ${width}.`,
      );
    }
    return heads;
  };
