import { neutraliseControlStrings } from './control-strings.js';
import { ConversationError } from './errors.js';
import { type ChatTemplate, type ChatTemplateName, chatTemplate } from './template.js';
import type { Turn } from './turn.js';

/** One part of a prompt. Each text is tokenised on its own, and the first after a begin-of-sequence token. */
export type PromptSegment<Image> =
  | {
      readonly kind: 'text';
      readonly text: string;
      /** Gives a later text such a token, too. */
      readonly beginsSequence?: true;
    }
  | { readonly kind: 'image'; readonly image: Image };

export interface Conversation<Image> {
  readonly template: ChatTemplateName;
  /** Oldest first; the last is the question. */
  readonly turns: readonly Turn<Image>[];
  /** Instead of the template's own, which has no word of images where the turns have none; may be empty. */
  readonly systemText?: string;
}

export interface Prompt<Image> {
  readonly segments: readonly PromptSegment<Image>[];
  /** What ends the reply, beside the end-of-sequence token, and is not part of it. */
  readonly stopSequences: readonly string[];
}

/**
 * Writes a conversation down as its template wants it, up to where the model is to go on.
 *
 * As in the original (conversation.py, `Chat.ask` and `Chat.upload_img`), every image opens a user message, and
 * words that follow are appended to it after one space. Words after words of the same side are appended, too.
 * Control strings in what was said are neutralised, so that only turns make turns and only images make images.
 * @throws ConversationError when the last turn is no question
 */
export function buildPrompt<Image>(conversation: Conversation<Image>): Prompt<Image> {
  const template = chatTemplate(conversation.template);
  const messages = messagesOf(conversation.turns);
  if (messages.at(-1)?.role !== 'user') {
    throw new ConversationError(
      'The conversation does not end with a question: its last turn must be the user’s.',
    );
  }
  const segments = new SegmentWriter<Image>();
  segments.text((conversation.systemText ?? systemTextOf(messages, template)) + template.separator);
  for (const message of messages) writeMessage(message, template, segments);
  segments.text(template.assistantOpening);
  return { segments: segments.written, stopSequences: template.stopSequences };
}

function systemTextOf<Image>(messages: readonly Message<Image>[], template: ChatTemplate): string {
  const aboutImages = messages.some(({ images }) => images.length > 0);
  return aboutImages ? template.systemText : template.systemTextWithoutImages;
}

/** What the template writes after one opening. */
interface Message<Image> {
  readonly role: 'user' | 'assistant';
  readonly images: readonly [] | readonly [Image];
  readonly text: string;
}

function messagesOf<Image>(turns: readonly Turn<Image>[]): Message<Image>[] {
  const messages: Message<Image>[] = [];
  for (const turn of turns) {
    if (turn.role === 'user') {
      for (const image of turn.images) messages.push({ role: 'user', images: [image], text: '' });
    }
    const text = turn.text.trim();
    if (text !== '') appendText(messages, turn.role, text);
  }
  return messages;
}

function appendText<Image>(messages: Message<Image>[], role: 'user' | 'assistant', text: string): void {
  const last = messages.at(-1);
  if (last?.role === role) {
    messages[messages.length - 1] = { ...last, text: last.text === '' ? text : `${last.text} ${text}` };
  } else {
    messages.push({ role, images: [], text });
  }
}

function writeMessage<Image>(
  { role, images, text }: Message<Image>,
  template: ChatTemplate,
  segments: SegmentWriter<Image>,
): void {
  if (role === 'user' && template.userMessageBeginsSequence) segments.beginSequence();
  segments.text(role === 'user' ? template.userOpening : template.assistantOpening);
  for (const image of images) {
    segments.text('<Img>');
    segments.image(image);
    segments.text(text === '' ? '</Img>' : '</Img> ');
  }
  segments.text(withoutControlStrings(text) + template.separator);
}

/** A "#" at the end must not grow the separator that follows. */
function withoutControlStrings(text: string): string {
  const neutral = neutraliseControlStrings(text);
  return neutral.endsWith('#') ? `${neutral} ` : neutral;
}

/** Joins texts that follow each other, since a text is tokenised as a whole. */
class SegmentWriter<Image> {
  readonly written: PromptSegment<Image>[] = [];
  private sequenceBegins = false;

  text(text: string): void {
    if (text === '') return;
    const last = this.written.at(-1);
    if (this.sequenceBegins) this.written.push({ kind: 'text', text, beginsSequence: true });
    else if (last?.kind === 'text')
      this.written[this.written.length - 1] = { ...last, text: last.text + text };
    else this.written.push({ kind: 'text', text });
    this.sequenceBegins = false;
  }

  image(image: Image): void {
    this.written.push({ kind: 'image', image });
  }

  /** Begins another text, and a sequence, with the next one. */
  beginSequence(): void {
    this.sequenceBegins = true;
  }
}
