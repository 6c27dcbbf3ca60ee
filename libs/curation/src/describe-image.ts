import { buildPrompt, type ChatTemplateName, type Prompt } from '#libs/conversation';
import type { Engine } from '#libs/engine';

/** The paper's instruction to the model of stage 1 (section 3.2, "Initial aligned image-text generation"). */
export const DESCRIBE =
  'Describe this image in detail. Give as many details as possible. Say everything you see.';

/** What asks for more where the answer was short. */
export const CONTINUE = 'Continue';

/** Answers of at most so many tokens are continued, once. */
const SHORT_ANSWER_TOKENS = 80;

interface Frame {
  readonly before: string;
  readonly after: string;
  readonly stop: string;
}

/**
 * What a message stands in, for the models of the paper. It writes no system text here, and a space before the second
 * "###". Other models are asked in their own template.
 */
const frames: Readonly<Partial<Record<ChatTemplateName, Frame>>> = {
  'vicuna-v0': { before: '###Human: ', after: ' ###Assistant:', stop: '###' },
  'llama-2-chat': { before: '[INST] ', after: ' [/INST]', stop: '[INST]' },
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
 * @throws EngineError `invalid-image`
 */
export async function describeImage(engine: Engine, image: Uint8Array, seed: number): Promise<Description> {
  const answer = async (firstAnswer?: string) => {
    let text = '';
    let tokens = 0;
    const { segments, stopSequences } = promptFor(engine.manifest.template, firstAnswer);
    const events = engine.generate({
      segments: segments.map((segment) =>
        segment.kind === 'text' ? segment : { kind: 'image', image: { kind: 'bytes', bytes: image } },
      ),
      sampling: { seed },
      stopSequences,
    });
    for await (const event of events) {
      if (event.kind === 'delta') text += event.text;
      else if (event.kind === 'finish') tokens = event.usage.completionTokens;
    }
    return { text: text.trim(), tokens };
  };
  const first = await answer();
  if (first.tokens > SHORT_ANSWER_TOKENS) return { ...first, isContinued: false };
  const more = await answer(first.text);
  return { text: `${first.text} ${more.text}`.trim(), tokens: first.tokens, isContinued: true };
}

/** Asks for a description, or for more after a first answer. */
function promptFor(template: ChatTemplateName, firstAnswer: string | undefined): Prompt<'picture'> {
  const frame = frames[template];
  const image = 'picture';
  if (!frame) {
    const question = { role: 'user', images: [image], text: DESCRIBE } as const;
    const more = [
      { role: 'assistant', text: firstAnswer ?? '' },
      { role: 'user', images: [], text: CONTINUE },
    ] as const;
    return buildPrompt({ template, turns: firstAnswer === undefined ? [question] : [question, ...more] });
  }
  const { before, after, stop } = frame;
  const question = `${DESCRIBE}${after}`;
  const rest =
    firstAnswer === undefined ? question : `${question} ${firstAnswer}${before}${CONTINUE}${after}`;
  return {
    segments: [
      { kind: 'text', text: `${before}<Img>` },
      { kind: 'image', image },
      { kind: 'text', text: `</Img> ${rest}` },
    ],
    stopSequences: [stop],
  };
}
