import { QuestionTooLongError } from './errors.js';
import { buildPrompt, type Conversation, type Prompt, type PromptSegment } from './prompt.js';
import type { Turn } from './turn.js';

/** The longest pieces of SentencePiece's vocabularies: longer text than so many for each token cannot fit. */
const MAX_CHARACTERS_PER_TOKEN = 16;

/** The room a prompt has. */
export interface ContextBudget {
  /** The model's context length less the tokens the reply may take. */
  readonly tokens: number;
  /** The most images in one prompt. */
  readonly images: number;
}

/** Counts a prompt's tokens, those of images and the begin-of-sequence token included. */
export type CountTokens<Image> = (segments: readonly PromptSegment<Image>[]) => Promise<number>;

export interface FittedPrompt<Image> extends Prompt<Image> {
  /** What the model will not see any more. */
  readonly dropped: { readonly turns: number; readonly images: number };
}

/**
 * Builds the prompt of as much of a conversation as fits. What does not is dropped from the old end, in whole
 * exchanges of question and answer; the system text stays. When no image would be left, the latest ones move to
 * the first question that is left, so that a follow-up still talks about them.
 *
 * Counts once when everything fits, and otherwise once more for each halving of the number of exchanges. What cannot fit
 * by its length alone is not counted at all: a conversation may be longer than anybody wants to count.
 * @throws QuestionTooLongError when not even the last question fits
 * @throws ConversationError as {@link buildPrompt}
 */
export async function fitToContext<Image>(
  conversation: Conversation<Image>,
  budget: ContextBudget,
  countTokens: CountTokens<Image>,
): Promise<FittedPrompt<Image>> {
  const turns = conversation.turns.filter(saysSomething);
  const exchanges = exchangesOf(turns);
  const promptWithout = (dropped: number): FittedPrompt<Image> => {
    const kept = withoutOldest(exchanges, dropped);
    return {
      ...buildPrompt({ ...conversation, turns: kept }),
      dropped: { turns: turns.length - kept.length, images: imagesOf(turns).length - imagesOf(kept).length },
    };
  };

  // A binary search for the fewest exchanges to drop, which tries first to drop none.
  let fitted = promptWithout(0);
  let excess = await excessOf(fitted, budget, countTokens);
  if (!excess) return fitted;
  let fewest = 1;
  let most = exchanges.length;
  while (fewest < most) {
    const tried = Math.floor((fewest + most) / 2);
    const prompt = promptWithout(tried);
    const excessOfTried = await excessOf(prompt, budget, countTokens);
    if (excessOfTried) {
      excess = excessOfTried;
      fewest = tried + 1;
    } else {
      fitted = prompt;
      most = tried;
    }
  }
  // Then the last prompt that was tried is the last question's alone.
  if (fewest === exchanges.length) throw excess;
  return fitted;
}

async function excessOf<Image>(
  { segments }: Prompt<Image>,
  budget: ContextBudget,
  countTokens: CountTokens<Image>,
): Promise<QuestionTooLongError | undefined> {
  const images = segments.filter(({ kind }) => kind === 'image').length;
  if (images > budget.images) return new QuestionTooLongError('images', images, budget.images);
  const characters = segments.reduce((sum, one) => sum + (one.kind === 'text' ? one.text.length : 0), 0);
  const mostCharacters = budget.tokens * MAX_CHARACTERS_PER_TOKEN;
  if (characters > mostCharacters) return new QuestionTooLongError('characters', characters, mostCharacters);
  const tokens = await countTokens(segments);
  if (tokens > budget.tokens) return new QuestionTooLongError('tokens', tokens, budget.tokens);
  return undefined;
}

/** Consecutive turns of the user and the answer to them. */
type Exchange<Image> = readonly Turn<Image>[];

function exchangesOf<Image>(turns: readonly Turn<Image>[]): Exchange<Image>[] {
  const exchanges: Turn<Image>[][] = [];
  turns.forEach((turn, index) => {
    const begins = turn.role === 'user' && turns[index - 1]?.role === 'assistant';
    if (begins || index === 0) exchanges.push([turn]);
    else exchanges.at(-1)?.push(turn);
  });
  return exchanges;
}

/** The turns that are left, the first of them about the latest images if they would otherwise be without any. */
function withoutOldest<Image>(exchanges: readonly Exchange<Image>[], dropped: number): Turn<Image>[] {
  const kept = exchanges.slice(dropped).flat();
  if (imagesOf(kept).length > 0) return kept;
  const lastWithImages = exchanges.slice(0, dropped).findLast((exchange) => imagesOf(exchange).length > 0);
  const [first, ...others] = kept;
  if (!lastWithImages || first?.role !== 'user') return kept;
  return [{ ...first, images: imagesOf(lastWithImages) }, ...others];
}

function imagesOf<Image>(turns: readonly Turn<Image>[]): Image[] {
  return turns.flatMap((turn) => (turn.role === 'user' ? turn.images : []));
}

function saysSomething<Image>(turn: Turn<Image>): boolean {
  return turn.text.trim() !== '' || (turn.role === 'user' && turn.images.length > 0);
}
