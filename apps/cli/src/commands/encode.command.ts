import type { Command } from 'commander';
import { writeSafetensors } from '#libs/checkpoint';
import { CodedError } from '#libs/errors';
import type { VisionInput } from '#libs/minigpt4';
import { openModelPackage } from '#libs/model-package';

import { printText } from '../console/output.js';
import { encodeImage } from '../encoding/encode-image.js';
import { pixelValuesFromImage, readPixelValues } from '../encoding/pixel-values.js';

interface EncodeOptions {
  readonly model: string;
  readonly image?: string;
  readonly pixelValues?: string;
  readonly question?: string;
  readonly out: string;
}

export function define(command: Command): void {
  command
    .requiredOption('--model <folder>', 'the model package')
    .option('--image <file>', 'the picture')
    .option(
      '--pixel-values <file>',
      'start from the tensor pixel_values of this safetensors file instead of a picture',
    )
    .option(
      '--question <text>',
      'what the picture is looked at for, by models that read questions as they look, as InstructBLIP does',
    )
    .requiredOption('--out <file>', 'the safetensors file to write')
    .addHelpText(
      'after',
      `
The file holds, in float32:
  pixel_values  [1, 3, side, side]            the resized and normalised picture
  qformer       [1, tokens, hidden]           after the Q-Former, the words of a question last (not without one)
  projected     [1, tokens, decoder's hidden] what the language model sees

Example:
  encode --model models/nano --image cat.png --out cat.safetensors`,
    )
    .action(run);
}

async function run({ model, image, pixelValues, question, out }: EncodeOptions): Promise<void> {
  const modelPackage = await openModelPackage(model);
  const pixels = await loadPixels(image, pixelValues, modelPackage.manifest.architecture.vision);
  await writeSafetensors(out, await encodeImage(modelPackage, pixels, question));
  printText(`${out}\n`);
}

async function loadPixels(
  image: string | undefined,
  pixelValues: string | undefined,
  vision: VisionInput,
): Promise<Float32Array> {
  if (pixelValues !== undefined) return readPixelValues(pixelValues, vision.imageSize, image);
  if (image !== undefined) return pixelValuesFromImage(image, vision);
  throw new CodedError('argument', 'encode needs --image or --pixel-values.');
}
