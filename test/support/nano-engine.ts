import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { buildPrompt } from '#libs/conversation';
import type { GenerateEvent, GenerateRequest, ImageSource, Segment } from '#libs/engine';

const root = join(import.meta.dirname, '../..');
export const nano = { modelPath: join(root, 'models/nano'), device: 'cpu', threads: 1 } as const;

interface ExpectedAnswer {
  readonly image: string | null;
  readonly question: string;
  readonly system_text?: boolean;
  readonly prompt_length: number;
  readonly answer: string;
}
/** Greedy answers of the same weights, computed by PyTorch. */
export const { answers } = JSON.parse(
  readFileSync(join(root, 'test/fixtures/nano-expected.json'), 'utf8'),
) as {
  answers: ExpectedAnswer[];
};

type Picture = Extract<ImageSource, { kind: 'bytes' }>;

export function picture(name: string): Picture {
  return { kind: 'bytes', bytes: readFileSync(join(root, 'test/fixtures/emoji-scenes/validation', name)) };
}
export const bat = picture('seen-drawings/0000.png');
export const oyster = picture('seen-drawings/0001.png');

export function ask(question: string, images: readonly ImageSource[], systemText?: string): GenerateRequest {
  return buildPrompt({
    template: 'vicuna-v0',
    systemText,
    turns: [{ role: 'user', images, text: question }],
  });
}

export function promptOf({ image, question, system_text }: ExpectedAnswer): GenerateRequest {
  return ask(question, image ? [picture(image)] : [], system_text === false ? '' : undefined);
}

type Finish = Extract<GenerateEvent, { kind: 'finish' }>;

export async function replyOf(events: AsyncIterable<GenerateEvent>) {
  let text = '';
  const tokenIds: number[] = [];
  let finish: Finish | undefined;
  for await (const event of events) {
    if (event.kind === 'finish') finish = event;
    if (event.kind !== 'delta') continue;
    text += event.text;
    tokenIds.push(...event.tokenIds);
  }
  return { text: text.trim(), tokenIds, finish: finish! };
}

/** The shortest text that takes so many tokens or more. */
export function longText(tokens: number): Segment {
  return { kind: 'text', text: 'a bat '.repeat(tokens) };
}
