import type { Tokenizer } from '#libs/tokenizer';

/**
 * The ids of a text in which `<s>` and `</s>` stand for the special tokens, as in transformers' LlamaTokenizer.
 * @param spaceAfter whether a text after a special token begins with a space (`legacy` there)
 */
export function tokenizeSpecialTokens(tokenizer: Tokenizer, text: string, spaceAfter: boolean): number[] {
  let afterSpecial = false;
  return text.split(/(<\/?s>)/).flatMap((piece) => {
    if (piece === '') return [];
    if (piece === '<s>' || piece === '</s>') {
      afterSpecial = true;
      return [piece === '<s>' ? tokenizer.beginOfSequence : tokenizer.endOfSequence];
    }
    return tokenizer.encode(piece, { afterEnd: afterSpecial && !spaceAfter });
  });
}
