import type { Command } from 'commander';
import { CodedError } from '#libs/errors';

import { type Family, families, familyNamed } from '#libs/families';
import { convert, type FoundFiles, type NamedFiles } from '#libs/model-package';

import { toWholeNumber } from '../console/arguments.js';
import { formatBytes } from '../console/format.js';
import { interruption } from '../console/interruption.js';
import { printText, remark } from '../console/output.js';
import { Progress } from '../console/progress.js';
import {
  blockSizeOption,
  type EncoderQuantizationKind,
  parseQuantization,
  type QuantizationKind,
  quantizeEncoderOption,
  quantizeOption,
} from '../console/quantization.js';

interface ConvertOptions {
  readonly from?: readonly string[];
  readonly family?: Family;
  readonly vit?: string;
  readonly qformer?: string;
  readonly projection?: string;
  readonly llm?: string;
  readonly out?: string;
  readonly quantize: QuantizationKind;
  readonly blockSize: number;
  readonly quantizeEncoder: EncoderQuantizationKind;
  readonly name?: string;
  readonly description?: string;
  readonly imageSize?: number;
  readonly anyLlm?: boolean;
}

export function define(command: Command): void {
  command
    .option(
      '--from <path...>',
      'published files and folders, in any order; what they are is recognised from what they hold',
    )
    .option(
      '--family <name>',
      `with --from, take them as this family: ${families.map(({ name }) => name).join(', ')}`,
      familyNamed,
    )
    .option('--vit <path>', 'instead of --from: the vision tower, eva_vit_g.pth')
    .option(
      '--qformer <path>',
      'the Q-Former: blip2_pretrained_flant5xxl.pth, or the same BLIP-2 folder; leave it out for the Llama-2 family, which has none',
    )
    .option(
      '--projection <file>',
      'what MiniGPT-4 trained: prerained_minigpt4_7b.pth, pretrained_minigpt4.pth (13B), …',
    )
    .option(
      '--llm <folder>',
      'the language model in Hugging Face layout, with tokenizer.model: Vicuna v0 or Llama-2-7b-chat',
    )
    .option('--out <folder>', 'where to put the package; a new folder')
    .addOption(quantizeOption('none'))
    .addOption(blockSizeOption())
    .addOption(quantizeEncoderOption())
    .option('--name <name>', "the model's name; the folder's by default")
    .option('--description <sentence>', 'what the model knows, for its users')
    .option(
      '--image-size <pixels>',
      'look at pictures of another size than the ViT was trained with',
      toWholeNumber('--image-size'),
    )
    .option('--any-llm', 'take another language model than Vicuna v0, with a projection of your own')
    .addHelpText(
      'after',
      `
Sizes are read from the files, so every option takes any size that fits the others.

Families:
${families.map(({ name, title }) => `  ${name.padEnd(12)} ${title}`).join('\n')}

Examples:
  # The 7B model of the paper, in 4 bits
  convert --from eva_vit_g.pth blip2_pretrained_flant5xxl.pth prerained_minigpt4_7b.pth vicuna-7b-v0 \\
          --quantize int4 --out minigpt4-7b

  # The same, with each part named
  convert --vit eva_vit_g.pth --qformer blip2_pretrained_flant5xxl.pth \\
          --projection prerained_minigpt4_7b.pth --llm vicuna-7b-v0 --quantize int4 --out minigpt4-7b

  # The Llama-2 model, which has no Q-Former
  convert --vit eva_vit_g.pth --projection pretrained_minigpt4_llama2_7b.pth \\
          --llm Llama-2-7b-chat-hf --quantize int4 --out minigpt4-llama2`,
    )
    .action(run);
}

async function run(options: ConvertOptions): Promise<void> {
  const sources = sourcesOf(options);
  const { out } = options;
  if (out === undefined) throw new CodedError('argument', "There is no required option '--out'.");
  const progress = new Progress(formatBytes);
  try {
    const manifest = await convert({
      sources,
      out,
      quantization: parseQuantization(options),
      encoderQuantization: { kind: options.quantizeEncoder },
      name: options.name,
      description: options.description,
      imageSize: options.imageSize,
      anyLanguageModel: options.anyLlm,
      onProgress: ({ stage, doneBytes, totalBytes }) => progress.update(stage, doneBytes, totalBytes),
      onNotice: remark,
      signal: interruption('Interrupted. Nothing is left of the package that was begun.'),
    });
    progress.stop();
    remark(
      `The model "${manifest.name}" is ready. Try: npm run --silent cli -- ask --model ${out} --image photo.jpg "What is this?"`,
    );
    printText(`${out}\n`);
  } finally {
    progress.stop();
  }
}

/** @throws CodedError `argument` when the files are named in both ways, or one is missing */
function sourcesOf({ from, family, vit, qformer, projection, llm }: ConvertOptions): FoundFiles | NamedFiles {
  const named = { '--vit': vit, '--qformer': qformer, '--projection': projection, '--llm': llm };
  const given = Object.entries(named).flatMap(([option, path]) => (path === undefined ? [] : option));
  const lacking = ['--vit', '--projection', '--llm'].filter((option) => !given.includes(option));
  if (from) {
    if (given.length === 0) return { from, family };
    throw new CodedError(
      'argument',
      `Name the files with --from, or each with its option, not both (${given.join(', ')}).`,
    );
  }
  if (family) throw new CodedError('argument', '--family goes with --from.');
  if (vit === undefined || projection === undefined || llm === undefined) {
    throw new CodedError(
      'argument',
      given.length === 0
        ? 'Name the files to convert with --from.'
        : `There is no required option '${lacking.join("' and '")}'. Name that as well, or all files with --from.`,
    );
  }
  return { vit, qFormer: qformer, projection, llm };
}
