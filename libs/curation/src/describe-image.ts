import type { ChatTemplateName } from '#libs/conversation';
import type { Engine } from '#libs/engine';

/** The paper's instruction to the model of stage 1 (section 3.2, "Initial aligned image-text generation"). */
export const DESCRIBE =
  'Describe this image in detail. Give as many details as possible. Say everything you see.';

/** What asks for more where the answer was short. */
export const CONTINUE = 'Continue';

/** Answers of at most so many tokens are continued, once. */
const SHORT_ANSWER_TOKENS = 80;

/** What a message stands in. The paper writes no system text here, and a space before the second "###". */
const frames: Readonly<Record<ChatTemplateName, readonly [before: string, after: string, stop: string]>> = {
  'vicuna-v0': ['###Human: ', ' ###Assistant:', '###'],
  'llama-2-chat': ['[INST] ', ' [/INST]', '[INST]'],
};

export interface Description {
  readonly text: string;
  /** Of the first answer. */
  readonly tokens: number;
  readonly isContinued: boolean;
}

/**
 * Has a model describe a picture at length, and continue once when that turned out short.
 * @param seed makes the sampled description repeatable
 * @throws InvalidImageError
 */
export async function describeImage(engine: Engine, image: Uint8Array, seed: number): Promise<Description> {
  const [before, after, stop] = frames[engine.manifest.template];
  const answer = async (rest: string) => {
    let text = '';
    let tokens = 0;
    const events = engine.generate({
      segments: [
        { kind: 'text', text: `${before}<Img>` },
        { kind: 'image', image: { kind: 'bytes', bytes: image } },
        { kind: 'text', text: `</Img> ${rest}` },
      ],
      sampling: { seed },
      stopSequences: [stop],
    });
    for await (const event of events) {
      if (event.kind === 'delta') text += event.text;
      else if (event.kind === 'finish') tokens = event.usage.completionTokens;
    }
    return { text: text.trim(), tokens };
  };
  const question = `${DESCRIBE}${after}`;
  const first = await answer(question);
  if (first.tokens > SHORT_ANSWER_TOKENS) return { ...first, isContinued: false };
  const more = await answer(`${question} ${first.text}${before}${CONTINUE}${after}`);
  return { text: `${first.text} ${more.text}`.trim(), tokens: first.tokens, isContinued: true };
}
