import { buildPrompt, replyText } from '#libs/conversation';
import type { Engine } from '#libs/engine';

import type { Answer, Question } from './vision-model.js';

/**
 * Asks a loaded model one question about one picture, greedily.
 * @throws what `Engine.generate` throws
 */
export async function askEngine(
  engine: Engine,
  picture: Uint8Array,
  { text: question, maxNewTokens }: Question,
  signal?: AbortSignal,
): Promise<Answer> {
  const { template } = engine.manifest;
  const prompt = buildPrompt({ template, turns: [{ role: 'user', images: [picture], text: question }] });
  const events = engine.generate(
    {
      segments: prompt.segments.map((segment) =>
        segment.kind === 'text' ? segment : { kind: 'image', image: { kind: 'bytes', bytes: segment.image } },
      ),
      sampling: { temperature: 0 },
      maxNewTokens,
      stopSequences: prompt.stopSequences,
    },
    signal,
  );
  let text = '';
  for await (const event of events) {
    if (event.kind === 'delta') text += event.text;
    else if (event.kind === 'finish')
      return { text: replyText(template, text), finishReason: event.reason, notices: event.notices };
  }
  throw new Error('The engine ended the reply without finishing it.');
}
