import type { Command } from 'commander';

import { printResult, printText } from '../console/output.js';
import { parseRawPrompt } from '../generation/raw-prompt.js';
import { readImages } from '../generation/read-images.js';
import { runReply } from '../generation/run-reply.js';
import { addGenerationOptions, type GenerationOptions } from './model-options.js';

interface GenerateOptions extends GenerationOptions {
  readonly prompt: string;
  readonly stop?: readonly string[];
}

export function define(command: Command): void {
  addGenerationOptions(command)
    .requiredOption('--prompt <text>', 'the prompt, with <ImageHere> where each picture goes')
    .option(
      '--stop <text...>',
      'texts that end the reply, beside the end-of-sequence token; may be given several times',
    )
    .addHelpText(
      'after',
      `
The prompt is taken as it is: nothing is added, and only the model's end-of-sequence token ends the reply.
"ask" is the same with the model's chat template.

Examples:
  generate --model models/nano --image cat.png --stop "###" \\
           --prompt "###Human: <Img><ImageHere></Img> What is this?###Assistant: "
  generate --model models/nano --prompt "###Human: Hello!###Assistant: " --temperature 0 --max-new-tokens 20 --json`,
    )
    .action(run);
}

async function run(options: GenerateOptions): Promise<void> {
  const segments = parseRawPrompt(options.prompt, await readImages(options.image));
  const reply = await runReply(options, segments, options.stop ?? [], options.json ? undefined : printText);
  if (options.json) printResult(reply);
  else printText('\n');
}
