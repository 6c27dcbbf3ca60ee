import { Command, CommandRunner, Help, Option } from 'nest-commander';

import { convert } from '#libs/model-package';

import { parseWholeNumber } from '../console/arguments.js';
import { formatBytes } from '../console/format.js';
import { interruption } from '../console/interruption.js';
import { printText, remark } from '../console/output.js';
import { Progress } from '../console/progress.js';
import {
  blockSizeOption,
  type EncoderQuantizationKind,
  parseBlockSize,
  parseEncoderQuantizationKind,
  parseQuantization,
  parseQuantizationKind,
  type QuantizationKind,
  quantizeEncoderOption,
  quantizeOption,
} from '../console/quantization.js';

interface ConvertOptions {
  readonly vit: string;
  readonly qformer?: string;
  readonly projection: string;
  readonly llm: string;
  readonly out: string;
  readonly quantize: QuantizationKind;
  readonly blockSize: number;
  readonly quantizeEncoder: EncoderQuantizationKind;
  readonly name?: string;
  readonly description?: string;
  readonly imageSize?: number;
  readonly anyLlm?: boolean;
}

@Command({
  name: 'convert',
  description: 'Make a model package from published MiniGPT-4 checkpoints',
})
export class ConvertCommand extends CommandRunner {
  async run(_arguments: string[], options: ConvertOptions): Promise<void> {
    const progress = new Progress(formatBytes);
    try {
      const manifest = await convert({
        sources: {
          vit: options.vit,
          qFormer: options.qformer,
          projection: options.projection,
          llm: options.llm,
        },
        out: options.out,
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
        `The model "${manifest.name}" is ready. Try: npm run --silent cli -- ask --model ${options.out} --image photo.jpg "What is this?"`,
      );
      printText(`${options.out}\n`);
    } finally {
      progress.stop();
    }
  }

  @Option({ flags: '--vit <path>', description: 'the vision tower, eva_vit_g.pth', required: true })
  vit(path: string): string {
    return path;
  }

  @Option({
    flags: '--qformer <path>',
    description:
      'the Q-Former: blip2_pretrained_flant5xxl.pth, or the same BLIP-2 folder; leave it out for the Llama-2 family, which has none',
  })
  qFormer(path: string): string {
    return path;
  }

  @Option({
    flags: '--projection <file>',
    description: 'what MiniGPT-4 trained: prerained_minigpt4_7b.pth, pretrained_minigpt4.pth (13B), …',
    required: true,
  })
  projection(path: string): string {
    return path;
  }

  @Option({
    flags: '--llm <folder>',
    description:
      'the language model in Hugging Face layout, with tokenizer.model: Vicuna v0 or Llama-2-7b-chat',
    required: true,
  })
  llm(path: string): string {
    return path;
  }

  @Option({ flags: '--out <folder>', description: 'where to put the package; a new folder', required: true })
  out(path: string): string {
    return path;
  }

  @Option(quantizeOption('none'))
  quantize(kind: string): QuantizationKind {
    return parseQuantizationKind(kind);
  }

  @Option(blockSizeOption)
  blockSize(text: string): number {
    return parseBlockSize(text);
  }

  @Option(quantizeEncoderOption)
  quantizeEncoder(kind: string): EncoderQuantizationKind {
    return parseEncoderQuantizationKind(kind);
  }

  @Option({ flags: '--name <name>', description: "the model's name; the folder's by default" })
  nameOfModel(name: string): string {
    return name;
  }

  @Option({ flags: '--description <sentence>', description: 'what the model knows, for its users' })
  description(sentence: string): string {
    return sentence;
  }

  @Option({
    flags: '--image-size <pixels>',
    description: 'look at pictures of another size than the ViT was trained with',
  })
  imageSize(text: string): number {
    return parseWholeNumber('--image-size', text);
  }

  @Option({
    flags: '--any-llm',
    description: 'take another language model than Vicuna v0, with a projection of your own',
  })
  anyLlm(): boolean {
    return true;
  }

  @Help('after')
  examples(): string {
    return `
Sizes are read from the files, so every option takes any size that fits the others.

Examples:
  # The 7B model of the paper, in 4 bits
  convert --vit eva_vit_g.pth --qformer blip2_pretrained_flant5xxl.pth \\
          --projection prerained_minigpt4_7b.pth --llm vicuna-7b-v0 --quantize int4 --out minigpt4-7b

  # The Llama-2 model, which has no Q-Former
  convert --vit eva_vit_g.pth --projection pretrained_minigpt4_llama2_7b.pth \\
          --llm Llama-2-7b-chat-hf --quantize int4 --out minigpt4-llama2`;
  }
}
