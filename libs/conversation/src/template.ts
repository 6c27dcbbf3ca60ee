/** The chat templates of the MiniGPT-4 families, named as in a model package's manifest. */
export type ChatTemplateName = 'vicuna-v0' | 'llama-2-chat';

/** A prompt is the system text and the messages, each ended by the separator, and then the assistant's opening. */
export interface ChatTemplate {
  /** Of conversations about images. */
  readonly systemText: string;
  /** Of conversations without one, which must not promise one: the model would make it up. */
  readonly systemTextWithoutImages: string;
  readonly userOpening: string;
  readonly assistantOpening: string;
  readonly separator: string;
  /** True where every user message is tokenised on its own, after a begin-of-sequence token. */
  readonly userMessageBeginsSequence: boolean;
  /** What ends a reply beside the end-of-sequence token. */
  readonly stopSequences: readonly string[];
}

/** Of all MiniGPT-4 models (conversation.py, `CONV_VISION_Vicuna0` and `CONV_VISION_LLama2`). */
const systemText =
  'Give the following image: <Img>ImageContent</Img>. ' +
  'You will be able to see the image once I provide it to you. Please answer my questions.';

/** The one sentence of it that speaks of no image. The original knows no conversation without one. */
const systemTextWithoutImages = 'Please answer my questions.';

const templates: Readonly<Record<ChatTemplateName, ChatTemplate>> = {
  'vicuna-v0': {
    systemText,
    systemTextWithoutImages,
    userOpening: 'Human: ',
    assistantOpening: 'Assistant: ',
    separator: '###',
    userMessageBeginsSequence: false,
    stopSequences: ['###'],
  },
  // The original writes "<s>" before each [INST], where its tokenizer cuts the text and puts a begin-of-sequence token
  // in. Here segments say that, since what people write must not.
  'llama-2-chat': {
    systemText,
    systemTextWithoutImages,
    userOpening: '[INST] ',
    assistantOpening: ' [/INST] ',
    separator: '',
    userMessageBeginsSequence: true,
    stopSequences: [],
  },
};

export function chatTemplate(name: ChatTemplateName): ChatTemplate {
  return templates[name];
}

/** What ends a model's reply beside the end-of-sequence token. */
export function stopSequencesOf(name: ChatTemplateName): readonly string[] {
  return templates[name].stopSequences;
}
