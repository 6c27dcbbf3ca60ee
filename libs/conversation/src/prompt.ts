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
      /** Puts an end-of-sequence token after the text. */
      readonly endsSequence?: true;
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
 * As in MiniGPT-4 (conversation.py, `Chat.ask` and `Chat.upload_img`), images open user messages, and words that
 * follow are appended to them. Words after words of the same side are appended, too.
 * Control strings in what was said are neutralised, so that only turns make turns and only images make images.
 * @throws ConversationError when the last turn is no question
 */
export function buildPrompt<Image>(conversation: Conversation<Image>): Prompt<Image> {
  const plain = chatTemplate(conversation.template);
  const messages = messagesOf(conversation.turns, plain);
  const hasHistory = messages.some(({ role }) => role === 'assistant');
  const template = hasHistory ? { ...plain, ...plain.withHistory } : plain;
  if (messages.at(-1)?.role !== 'user') {
    throw new ConversationError(
      'The conversation does not end with a question: its last turn must be the user’s.',
    );
  }
  const segments = new SegmentWriter<Image>();
  if (template.imagesFirst)
    for (const image of messages.flatMap(({ images }) => images)) segments.image(image);
  segments.text((conversation.systemText ?? systemTextOf(messages, template)) + template.systemEnd);
  for (const message of messages) writeMessage(message, template, segments);
  if (asksWithWords(messages.at(-1)!, template)) segments.text(template.assistantOpening);
  return { segments: segments.written, stopSequences: template.stopSequences };
}

function systemTextOf<Image>(messages: readonly Message<Image>[], template: ChatTemplate): string {
  const aboutImages = messages.some(({ images }) => images.length > 0);
  return aboutImages ? template.systemText : template.systemTextWithoutImages;
}

/** What the template writes after one opening. */
interface Message<Image> {
  readonly role: 'user' | 'assistant';
  readonly images: readonly Image[];
  readonly text: string;
}

function messagesOf<Image>(
  turns: readonly Turn<Image>[],
  { image: { ownMessage } }: ChatTemplate,
): Message<Image>[] {
  const messages: Message<Image>[] = [];
  for (const turn of turns) {
    if (turn.role === 'user') {
      for (const image of turn.images) appendImage(messages, image, ownMessage);
    }
    const text = turn.text.trim();
    if (text !== '') appendText(messages, turn.role, text);
  }
  return messages;
}

function appendImage<Image>(messages: Message<Image>[], image: Image, ownMessage: boolean): void {
  const last = messages.at(-1);
  const joins = !ownMessage && last?.role === 'user' && last.text === '';
  if (joins) messages[messages.length - 1] = { ...last, images: [...last.images, image] };
  else messages.push({ role: 'user', images: [image], text: '' });
}

function appendText<Image>(messages: Message<Image>[], role: 'user' | 'assistant', text: string): void {
  const last = messages.at(-1);
  if (last?.role === role) {
    messages[messages.length - 1] = { ...last, text: last.text === '' ? text : `${last.text} ${text}` };
  } else {
    messages.push({ role, images: [], text });
  }
}

/** Not where images alone ask for a caption. */
const asksWithWords = <Image>({ text }: Message<Image>, { imagesFirst }: ChatTemplate) =>
  !imagesFirst || text !== '';

function writeMessage<Image>(
  { role, images, text }: Message<Image>,
  template: ChatTemplate,
  segments: SegmentWriter<Image>,
): void {
  if (!asksWithWords({ role, images, text }, template)) return;
  const words = withoutControlStrings(text, template);
  if (role === 'assistant') {
    segments.text(
      (template.earlierAssistantOpening ?? template.assistantOpening) +
        endedOnce(words, template.assistantEnd),
    );
    if (template.assistantMessageEndsSequence) segments.endSequence();
    return;
  }
  if (template.userMessageBeginsSequence) segments.beginSequence();
  segments.text(template.userOpening);
  for (const image of template.imagesFirst ? [] : images) {
    segments.text(template.image.before);
    segments.image(image);
    segments.text(template.image.after);
  }
  if (images.length > 0 && text !== '') segments.text(template.image.beforeText);
  segments.text(words + template.userEnd);
}

/** A sentence that has its full stop gets no second one. */
const endedOnce = (words: string, end: string) =>
  (end.startsWith('.') ? words.replace(/\.$/, '') : words) + end;

/** A "#" at the end must not grow the separator that follows. */
function withoutControlStrings(text: string, { roles, userEnd }: ChatTemplate): string {
  const neutral = neutraliseControlStrings(text, roles);
  return neutral.endsWith('#') && userEnd.startsWith('#') ? `${neutral} ` : neutral;
}

/** Joins texts that follow each other, since a text is tokenised as a whole. */
class SegmentWriter<Image> {
  readonly written: PromptSegment<Image>[] = [];
  private sequenceBegins = false;

  text(text: string): void {
    if (text === '') return;
    const last = this.written.at(-1);
    if (this.sequenceBegins) this.written.push({ kind: 'text', text, beginsSequence: true });
    else if (last?.kind === 'text' && !last.endsSequence)
      this.written[this.written.length - 1] = { ...last, text: last.text + text };
    else this.written.push({ kind: 'text', text });
    this.sequenceBegins = false;
  }

  image(image: Image): void {
    this.written.push({ kind: 'image', image });
  }

  /** Ends a sequence with the last text. */
  endSequence(): void {
    const last = this.written.at(-1);
    if (last?.kind === 'text') this.written[this.written.length - 1] = { ...last, endsSequence: true };
  }

  /** Begins another text, and a sequence, with the next one; the first text of all begins one by itself. */
  beginSequence(): void {
    if (this.written.length === 0) this.written.push({ kind: 'text', text: '' });
    this.sequenceBegins = true;
  }
}
