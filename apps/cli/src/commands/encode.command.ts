import { Command, CommandRunner, Help, Option } from 'nest-commander';

import { writeSafetensors } from '#libs/checkpoint';
import type { VisionInput } from '#libs/minigpt4';
import { openModelPackage } from '#libs/model-package';

import { ArgumentError } from '../console/arguments.js';
import { printText } from '../console/output.js';
import { encodeImage } from '../encoding/encode-image.js';
import { pixelValuesFromImage, readPixelValues } from '../encoding/pixel-values.js';

interface EncodeOptions {
  readonly model: string;
  readonly image?: string;
  readonly pixelValues?: string;
  readonly out: string;
}

@Command({
  name: 'encode',
  description: 'Write what the vision networks make of a picture to a safetensors file',
})
export class EncodeCommand extends CommandRunner {
  async run(_arguments: string[], { model, image, pixelValues, out }: EncodeOptions): Promise<void> {
    const modelPackage = await openModelPackage(model);
    const pixels = await loadPixels(image, pixelValues, modelPackage.manifest.architecture.vision);
    await writeSafetensors(out, await encodeImage(modelPackage, pixels));
    printText(`${out}\n`);
  }

  @Option({ flags: '--model <folder>', description: 'the model package', required: true })
  model(folder: string): string {
    return folder;
  }

  @Option({ flags: '--image <file>', description: 'the picture' })
  image(file: string): string {
    return file;
  }

  @Option({
    flags: '--pixel-values <file>',
    description: 'start from the tensor pixel_values of this safetensors file instead of a picture',
  })
  pixelValues(file: string): string {
    return file;
  }

  @Option({ flags: '--out <file>', description: 'the safetensors file to write', required: true })
  out(file: string): string {
    return file;
  }

  @Help('after')
  examples(): string {
    return `
The file holds, in float32:
  pixel_values  [1, 3, side, side]            the resized and normalised picture
  qformer       [1, tokens, hidden]           after the Q-Former (or, without one, the joined patches)
  projected     [1, tokens, decoder's hidden] what the language model sees

Example:
  encode --model models/nano --image cat.png --out cat.safetensors`;
  }
}

async function loadPixels(
  image: string | undefined,
  pixelValues: string | undefined,
  vision: VisionInput,
): Promise<Float32Array> {
  if (pixelValues !== undefined) return readPixelValues(pixelValues, vision.imageSize, image);
  if (image !== undefined) return pixelValuesFromImage(image, vision);
  throw new ArgumentError('encode needs --image or --pixel-values.');
}
