import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { buildPrompt, replyText } from '#libs/conversation';
import { CodedError } from '#libs/errors';
import { openModelPackage } from '#libs/model-package';

import { printResult, printText } from '../console/output.js';
import { readImages } from '../generation/read-images.js';
import { runReply } from '../generation/run-reply.js';
import { addGenerationOptions, type GenerationOptions } from './model-options.js';

export function define(command: Command): void {
  addGenerationOptions(command)
    .argument('[question...]', 'what you want to know')
    .addHelpText(
      'after',
      `
Examples:
  ask --model models/nano --image cat.png "What is this?"
  ask --model models/nano --image left.png --image right.png "What is in the second picture?"
  ask "Describe this image in detail." --model models/nano --image cat.png dog.png --json`,
    )
    .action(run);
}

async function run(words: string[], options: GenerationOptions): Promise<void> {
  const { question, imagePaths } = separateQuestion(words, options.image ?? []);
  const { template } = (await openModelPackage(options.model)).manifest;
  const images = await readImages(imagePaths);
  const prompt = buildPrompt({ template, turns: [{ role: 'user', images, text: question }] });
  const segments = prompt.segments.map((segment) =>
    segment.kind === 'text'
      ? segment
      : { kind: 'image' as const, image: { kind: 'bytes' as const, bytes: segment.image } },
  );
  const reply = await runReply(options, segments, prompt.stopSequences, options.json ? undefined : printText);
  if (options.json) {
    const { text, ...rest } = reply;
    printResult({ answer: replyText(template, text), ...rest });
  } else {
    printText('\n');
  }
}

/**
 * "--image a.png b.png QUESTION" gives everything after --image to it, so without other words the last value is
 * the question, unless it is a file.
 */
function separateQuestion(
  words: readonly string[],
  images: readonly string[],
): { question: string; imagePaths: readonly string[] } {
  if (words.length > 0) return { question: words.join(' '), imagePaths: images };
  const last = images.at(-1);
  if (last === undefined || existsSync(last)) {
    throw new CodedError(
      'argument',
      'There is no question. Write it in quotes: ask --model … --image cat.png "What is this?"',
    );
  }
  return { question: last, imagePaths: images.slice(0, -1) };
}
