import { Command, Help, Option } from 'nest-commander';

import { collect } from '../console/arguments.js';
import { printResult, printText } from '../console/output.js';
import { parseRawPrompt } from '../generation/raw-prompt.js';
import { readImages } from '../generation/read-images.js';
import { runReply } from '../generation/run-reply.js';
import { GenerationCommand, type GenerationOptions } from './generation.command.js';

interface GenerateOptions extends GenerationOptions {
  readonly prompt: string;
  readonly stop?: readonly string[];
}

@Command({
  name: 'generate',
  description: 'Continue a raw prompt, without the chat template',
})
export class GenerateCommand extends GenerationCommand {
  async run(_arguments: string[], options: GenerateOptions): Promise<void> {
    const segments = parseRawPrompt(options.prompt, await readImages(options.image));
    const reply = await runReply(options, segments, options.stop ?? [], options.json ? undefined : printText);
    if (options.json) printResult(reply);
    else printText('\n');
  }

  @Option({
    flags: '--prompt <text>',
    description: 'the prompt, with <ImageHere> where each picture goes',
    required: true,
  })
  prompt(text: string): string {
    return text;
  }

  @Option({
    flags: '--stop <text...>',
    description: 'texts that end the reply, beside the end-of-sequence token; may be given several times',
  })
  stop(text: string, earlier?: string[]): string[] {
    return collect(text, earlier);
  }

  @Help('after')
  examples(): string {
    return `
The prompt is taken as it is: nothing is added, and only the model's end-of-sequence token ends the reply.
"ask" is the same with the model's chat template.

Examples:
  generate --model models/nano --image cat.png --stop "###" \\
           --prompt "###Human: <Img><ImageHere></Img> What is this?###Assistant: "
  generate --model models/nano --prompt "###Human: Hello!###Assistant: " --temperature 0 --max-new-tokens 20 --json`;
  }
}
