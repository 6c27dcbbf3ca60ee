import { z } from 'zod';
import { CodedError } from '#libs/errors';

import { clipColours, type PublishedSettings, type VisionConfig } from '#libs/minigpt4';

import type { PublishedPart } from './family.js';
import { parseSettings } from './parse-settings.js';

/** CLIP's vision tower. */
export const clipVit: PublishedPart = {
  title: "CLIP's vision tower, such as openai/clip-vit-large-patch14-336",
  names: [/^(vision_model\..*)$/],
};

const count = z.int().positive();

/** What is not written has transformers' defaults (configuration_clip.py). */
const towerConfig = z.object({
  hidden_size: count.default(768),
  intermediate_size: count.default(3072),
  num_hidden_layers: count.default(12),
  num_attention_heads: count.default(12),
  image_size: count.default(224),
  patch_size: count.default(32),
  hidden_act: z.enum(['quick_gelu', 'gelu']).default('quick_gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
});

/** Of a whole model, or of its vision tower alone. */
const config = z.union([
  z.object({ vision_config: towerConfig }).transform(({ vision_config }) => vision_config),
  towerConfig,
]);

/**
 * Reads the tower from the `config.json` beside it.
 * @param layer whose output is taken, as an index of transformers' `hidden_states`: -2 leaves the last block out
 * @throws CodedError `checkpoint-mismatch`
 */
export function readClipVision(
  { config: settings }: PublishedSettings,
  layer: number,
): Omit<VisionConfig, 'resizing'> {
  const tower = parseSettings(config, settings, "The config.json beside CLIP's vision tower");
  const depth = layer < 0 ? tower.num_hidden_layers + 1 + layer : layer;
  if (depth < 1 || depth > tower.num_hidden_layers) {
    throw new CodedError(
      'checkpoint-mismatch',
      `The configuration takes the output ${layer} of a vision tower with ${tower.num_hidden_layers} blocks.`,
    );
  }
  return {
    imageSize: tower.image_size,
    patchSize: tower.patch_size,
    width: tower.hidden_size,
    depth,
    heads: tower.num_attention_heads,
    mlpWidth: tower.intermediate_size,
    activation: tower.hidden_act === 'gelu' ? 'gelu' : 'quick-gelu',
    inputNorm: true,
    layerNormEpsilon: tower.layer_norm_eps,
    outputLayerNormEpsilon: null,
  };
}

/** A number, or the same for both sides. */
const side = z.union([count, z.object({ height: count, width: count }).transform(({ height }) => height)]);
const colours = z.array(z.number()).length(3);
const preprocessor = z.object({
  do_pad: z.boolean().nullish(),
  crop_size: side.optional(),
  image_mean: colours.optional(),
  image_std: colours.optional(),
});

/**
 * How pictures become the tower's square, from `preprocessor_config.json`: the middle is cut out, unless it says that
 * they are padded.
 * @throws CodedError `checkpoint-mismatch` for sizes or colours that the tower's pictures do not have here
 */
export function readClipResizing(
  { preprocessor: settings = {} }: PublishedSettings,
  imageSize: number,
): VisionConfig['resizing'] {
  const file = 'preprocessor_config.json';
  const { do_pad, crop_size, image_mean, image_std } = parseSettings(preprocessor, settings, file);
  if (crop_size !== undefined && crop_size !== imageSize) {
    throw new CodedError(
      'checkpoint-mismatch',
      `${file} makes pictures of ${crop_size} pixels a side, but the vision tower takes ${imageSize}.`,
    );
  }
  const differ = (one: readonly number[] | undefined, other: readonly number[]) =>
    one?.some((value, channel) => Math.abs(value - other[channel]!) > 1e-6) ?? false;
  if (differ(image_mean, clipColours.mean) || differ(image_std, clipColours.standardDeviation)) {
    throw new CodedError(
      'checkpoint-mismatch',
      `${file} has other colours (image_mean, image_std) than CLIP's.`,
    );
  }
  return do_pad === true ? 'pad' : 'crop';
}
