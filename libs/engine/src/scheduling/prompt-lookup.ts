import type { StatisticsListener } from '../statistics.js';
import type { VerifyingDecoder } from './decoder.js';
import type { ContextToken } from './prompt.js';
import type { RunningSequence } from './sequence.js';

/** How many last tokens are looked up, the longest first: what followed more of the same words is likelier to follow. */
const NGRAM_LENGTHS = [3, 2];

/**
 * ONNX Runtime computes several positions with other kernels than one, and float32 logits then differ by about 1e-5.
 * A token is taken from such a run only when it leads the next by far more than that.
 */
const SURE_LEAD = 1e-2;

/**
 * Prompt-lookup decoding (Saxena 2023, https://github.com/apoorvumang/prompt-lookup-decoding): where a reply repeats
 * words of its context, what followed them there is a draft of what follows now, and one run computes all of it.
 *
 * The draft's tokens stand as far as they are the likeliest, so it is for replies that always take the likeliest
 * token. The keys and values of rejected tokens lie behind the counted end of the row, where the next run overwrites
 * them.
 */
export class PromptLookup {
  constructor(
    private readonly decoder: VerifyingDecoder,
    private readonly mostTokens: number,
    private readonly statistics: StatisticsListener,
  ) {}

  /**
   * The reply's next tokens: the accepted part of a draft and the token after it.
   * @returns none when nothing can be drafted, or when not even the first token is sure
   */
  async nextTokens({
    sequence,
    slot,
    lastToken,
    completionTokens,
  }: RunningSequence): Promise<readonly number[]> {
    if (!sequence.request.sampler.takesLikeliest) return [];
    const position = slot.tokens.length;
    const draft = draftFrom(
      [...slot.tokens, lastToken],
      Math.min(
        this.mostTokens,
        sequence.maxNewTokens - completionTokens - 1,
        this.decoder.capacity - position - 1,
      ),
    );
    if (draft.length === 0) return [];

    const logits = await this.decoder.verify(slot.row, position, [lastToken, ...draft]);
    const tokens = verifiedTokens(draft, logits);
    const accepted = tokens.filter((token, index) => token === draft[index]).length;
    this.statistics.onObservation({ kind: 'prompt-lookup', drafted: draft.length, accepted });
    return tokens;
  }
}

/** What followed the latest earlier occurrence of the context's last tokens, `most` at most and up to an image. */
export function draftFrom(context: readonly ContextToken[], most: number): number[] {
  if (most < 1) return [];
  for (const length of NGRAM_LENGTHS) {
    const end = context.length - length;
    for (let start = end - 1; start >= 0; start--) {
      if (!occursAt(context, start, end)) continue;
      return textFrom(context.slice(start + length, start + length + most));
    }
  }
  return [];
}

/** The tokens up to the first image. */
function textFrom(tokens: readonly ContextToken[]): number[] {
  const text: number[] = [];
  for (const token of tokens) {
    if (typeof token !== 'number') break;
    text.push(token);
  }
  return text;
}

/** Whether the tokens from `end` to the context's end stand at `start` too. */
function occursAt(context: readonly ContextToken[], start: number, end: number): boolean {
  for (let index = end; index < context.length; index++) {
    if (context[start + index - end] !== context[index]) return false;
  }
  return true;
}

/** The likeliest tokens up to the first that is not the draft's, which is still right, or is not sure, which is not. */
function verifiedTokens(draft: readonly number[], logits: readonly Float32Array[]): number[] {
  const tokens: number[] = [];
  for (const [index, row] of logits.entries()) {
    const token = sureToken(row);
    if (token === undefined) break;
    tokens.push(token);
    if (token !== draft[index]) break;
  }
  return tokens;
}

function sureToken(logits: Float32Array): number | undefined {
  let token = -1;
  let best = -Infinity;
  let next = -Infinity;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!;
    if (logit > best) {
      next = best;
      best = logit;
      token = id;
    } else if (logit > next) {
      next = logit;
    }
  }
  return best - next > SURE_LEAD ? token : undefined;
}
