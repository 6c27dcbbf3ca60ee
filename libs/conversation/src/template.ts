/** The chat templates, named as in a model package's manifest. */
export type ChatTemplateName =
  | 'vicuna-v0'
  | 'llama-2-chat'
  | 'vicuna-v1'
  | 'minigpt-v2'
  | 'question-answer'
  | 'instruction';

/** A prompt is the system text and the messages, each between its opening and end, and then the assistant's opening. */
export interface ChatTemplate {
  /** Of conversations about images. */
  readonly systemText: string;
  /** Of conversations without one, which must not promise one: the model would make it up. */
  readonly systemTextWithoutImages: string;
  readonly systemEnd: string;
  readonly userOpening: string;
  readonly userEnd: string;
  /** What a reply follows. */
  readonly assistantOpening: string;
  /** What an earlier reply follows, where that is another. */
  readonly earlierAssistantOpening?: string;
  readonly assistantEnd: string;
  readonly image: ImageOpening;
  /** True where all images come before all text, and an image without words asks for a caption: nothing more is said. */
  readonly imagesFirst?: boolean;
  /** What is otherwise where there are earlier replies. */
  readonly withHistory?: Partial<ChatTemplate>;
  /** True where every user message is tokenised on its own, after a begin-of-sequence token. */
  readonly userMessageBeginsSequence: boolean;
  /** True where an end-of-sequence token follows every earlier reply. */
  readonly assistantMessageEndsSequence: boolean;
  /** What ends a reply beside the end-of-sequence token. */
  readonly stopSequences: readonly string[];
  readonly roles: RoleNames;
}

/** How images stand in a user message. */
export interface ImageOpening {
  readonly before: string;
  readonly after: string;
  /** Between images and the words about them. */
  readonly beforeText: string;
  /** Whether each image opens a message of its own, and words belong to the last. */
  readonly ownMessage: boolean;
}

/** What a model would take for the beginning of a turn. */
export interface RoleNames {
  readonly names: readonly string[];
  /** As the template writes them, where turns begin inside of lines, too: there, capitals tell them from other words. */
  readonly inline: readonly string[];
}

/** Of all MiniGPT-4 models (conversation.py, `CONV_VISION_Vicuna0` and `CONV_VISION_LLama2`). */
const systemText =
  'Give the following image: <Img>ImageContent</Img>. ' +
  'You will be able to see the image once I provide it to you. Please answer my questions.';

/** The one sentence of it that speaks of no image. The original knows no conversation without one. */
const systemTextWithoutImages = 'Please answer my questions.';

const image: ImageOpening = { before: '<Img>', after: '</Img>', beforeText: ' ', ownMessage: true };

const roles: RoleNames = { names: ['human', 'assistant'], inline: [] };

/** Of Vicuna since version 1.1 (FastChat, conversation.py; LLaVA, `conv_vicuna_v1`). */
const vicunaSystemText =
  'A chat between a curious human and an artificial intelligence assistant. ' +
  "The assistant gives helpful, detailed, and polite answers to the human's questions.";

const templates: Readonly<Record<ChatTemplateName, ChatTemplate>> = {
  'vicuna-v0': {
    systemText,
    systemTextWithoutImages,
    systemEnd: '###',
    userOpening: 'Human: ',
    userEnd: '###',
    assistantOpening: 'Assistant: ',
    assistantEnd: '###',
    image,
    userMessageBeginsSequence: false,
    assistantMessageEndsSequence: false,
    stopSequences: ['###'],
    roles,
  },
  // The original writes "<s>" before each [INST], where its tokenizer cuts the text and puts a begin-of-sequence token
  // in. Here segments say that, since what people write must not.
  'llama-2-chat': {
    systemText,
    systemTextWithoutImages,
    systemEnd: '',
    userOpening: '[INST] ',
    userEnd: '',
    assistantOpening: ' [/INST] ',
    assistantEnd: '',
    image,
    userMessageBeginsSequence: true,
    assistantMessageEndsSequence: false,
    stopSequences: [],
    roles,
  },
  // As Llama-2's, without the space after it (MiniGPT-v2, conversation.py, `CONV_VISION_minigptv2`). Its "<s>" is there
  // ahead of the first message, too, where the tokenizer puts one in anyway: there are two.
  'minigpt-v2': {
    systemText: '',
    systemTextWithoutImages: '',
    systemEnd: '',
    userOpening: '[INST] ',
    userEnd: '',
    assistantOpening: ' [/INST]',
    assistantEnd: '',
    image,
    userMessageBeginsSequence: true,
    assistantMessageEndsSequence: false,
    stopSequences: [],
    roles,
  },
  // The original writes "</s>" after each reply; here segments say that.
  'vicuna-v1': {
    systemText: vicunaSystemText,
    systemTextWithoutImages: vicunaSystemText,
    systemEnd: ' ',
    userOpening: 'USER: ',
    userEnd: ' ',
    assistantOpening: 'ASSISTANT:',
    earlierAssistantOpening: 'ASSISTANT: ',
    assistantEnd: '',
    image: { before: '', after: '\n', beforeText: '', ownMessage: false },
    userMessageBeginsSequence: false,
    assistantMessageEndsSequence: true,
    stopSequences: [],
    roles: { names: ['user', 'assistant'], inline: ['USER', 'ASSISTANT'] },
  },
  // BLIP-2's, of the paper and its repository's demo.
  'question-answer': {
    systemText: '',
    systemTextWithoutImages: '',
    systemEnd: '',
    userOpening: 'Question: ',
    userEnd: ' ',
    assistantOpening: 'Answer:',
    earlierAssistantOpening: 'Answer: ',
    assistantEnd: '. ',
    image: { before: '', after: '', beforeText: '', ownMessage: false },
    imagesFirst: true,
    userMessageBeginsSequence: false,
    assistantMessageEndsSequence: false,
    stopSequences: [],
    roles: { names: ['question', 'answer'], inline: ['Question', 'Answer'] },
  },
  // InstructBLIP's: an instruction as it is; of conversations, what the paper gives its models of visual dialogues
  // (appendix on evaluation, "Dialog history: … Question: …").
  instruction: {
    systemText: '',
    systemTextWithoutImages: '',
    systemEnd: '',
    userOpening: '',
    userEnd: '',
    assistantOpening: '',
    assistantEnd: '',
    image: { before: '', after: '', beforeText: '', ownMessage: false },
    imagesFirst: true,
    withHistory: {
      systemText: 'Dialog history: ',
      systemTextWithoutImages: 'Dialog history: ',
      userOpening: 'Question: ',
      userEnd: ' ',
      assistantOpening: 'Answer:',
      earlierAssistantOpening: 'Answer: ',
      assistantEnd: '. ',
      roles: { names: ['question', 'answer'], inline: ['Question', 'Answer'] },
    },
    userMessageBeginsSequence: false,
    assistantMessageEndsSequence: false,
    stopSequences: [],
    // "Question: … Short answer:" is an instruction it was trained on.
    roles: { names: [], inline: [] },
  },
};

export function chatTemplate(name: ChatTemplateName): ChatTemplate {
  return templates[name];
}

/** What ends a model's reply beside the end-of-sequence token. */
export function stopSequencesOf(name: ChatTemplateName): readonly string[] {
  return templates[name].stopSequences;
}
