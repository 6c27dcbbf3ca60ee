import type { Turn } from '#libs/conversation';
import type { ChatMessage } from '../contract/message.js';
import { UnanswerableError } from './failures.js';
import type { LoadedQuestion, NamedImage } from './loaded-question.js';

type PromptTurn = Turn<NamedImage>;

/** What is asked of the model, whose language is English, when people do not say it themselves. */
const describe = 'Describe this image in detail.';
const writeAltText = 'Write alt text for this image.';

/**
 * The conversation as the model sees it, without the bot's notices. Turns of the same side that follow each other
 * are merged by the template.
 * @throws UnanswerableError when there is nothing to ask, or nothing to look at
 */
export function turnsOf({ messages, images, warnings, wish }: LoadedQuestion): PromptTurn[] {
  const turns = messages
    .filter(({ notice }) => !notice)
    .map(
      (message): PromptTurn =>
        message.author.kind === 'bot'
          ? { role: 'assistant', text: answerText(message) }
          : { role: 'user', images: images.get(message) ?? [], text: message.text },
    );
  const hasImage = turns.some(showsImage);
  // About a picture that came with the question and cannot be seen, the model would make something up. A file that stood
  // in the conversation before need not be what the question is about.
  const asking = messages.at(-1);
  if (!hasImage && asking && cameWithFile(asking) && warnings.some(({ kind }) => kind === 'image-skipped')) {
    throw new UnanswerableError('no-usable-image');
  }
  if (wish.kind === 'alt-text') {
    if (!hasImage) throw new UnanswerableError('no-image');
    return [...turns, { role: 'user', images: [], text: writeAltText }];
  }
  const asked = questionTurns(turns);
  if (asked.some(({ text }) => text.trim() !== '')) return turns;
  // Pictures without a word are a question all the same; nothing at all is none.
  if (!asked.some(showsImage)) throw new UnanswerableError('nothing-asked');
  return [...turns, { role: 'user', images: [], text: describe }];
}

function cameWithFile({ images, warnings }: ChatMessage): boolean {
  return images.length > 0 || warnings.some(({ kind }) => kind === 'image-skipped');
}

/** An answer as the model sees it: half of one is marked, so that it is not taken for how answers end. */
function answerText({ text, unfinished }: ChatMessage): string {
  return unfinished && text !== '' ? `${text}...` : text;
}

/** The turns since the last answer. */
function questionTurns(turns: readonly PromptTurn[]): readonly PromptTurn[] {
  return turns.slice(turns.findLastIndex(({ role }) => role === 'assistant') + 1);
}

function showsImage(turn: PromptTurn): boolean {
  return turn.role === 'user' && turn.images.length > 0;
}
